-- What each setting says when it is set.
\a
\x
\x auto
\pset null nul
\pset null
\pset fieldsep ;
\pset format csv
\pset border 2
\pset border
\pset linestyle unicode
\t
\pset footer
\pset footer off
\pset title hello
\pset title
\pset pager off
\pset pager always
\pset columns 40
\f
\f ,
\pset recordsep xx
\pset csv_fieldsep ab
\pset csv_fieldsep ;
\pset foo
\C hello
\C
\pset tuples_only off
\pset fieldsep_zero
\set ON_ERROR_STOP foo
\set ECHO foo
\set 1+2 foo
\w
\p
\r
\qecho x 'a b' "c d"
\warn x
\echo -n x
\i /no/such/script
\i
\cd /no/such/folder
\copy told to
\copy
\unset
\x foo
\timing foo
\o /no/such/folder/file
\gset
\encoding
\! echo hi
\dv
\d nothing
\errverbose
\watch
\set empty
\echo [:empty] `echo out` 'a''b\n\x41\101'
\if maybe
\endif
\endif
\if
