-- Statements, their errors, variables, conditions, COPY within a script.
create table told(a int primary key, b text default $$x$$ not null, c numeric(10,2));
select 1;
selec 2;
select 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', nope, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
select nope, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
select 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',nope;
select '日本語', nope	,
 1;
select
 1,
	nope;
select 1/0;
insert into told values (1);
insert into told values (1, 'y', 1000000000);
\set VERBOSITY verbose
insert into told values (1);
select nope;
\set VERBOSITY terse
select nope;
\set VERBOSITY sqlstate
select nope;
\set VERBOSITY default
\errverbose
select $1;
\foo
\set a 1
\echo :a :'a' :"a" :{?a} :{?zz} :zz
select :a, :'a' as :"a";
select :zz;
\set b ':a'
select :b;
begin; select 1; select nope; select 2; rollback;
\if :a
select 'yes';
\elif 0
select 'no';
\else
select 'no2'; \echo no
\endif
create or replace function f(a int) returns int language sql begin atomic select 1; select 2; end;
select $$a;b$$, $x$c;$$;d$x$, E'a\';b', "a;b"; 
select /* a /* b; */ ; */ 3;
select 1 \; select 2;
select 5 \gset x_
\echo :x_?column?
select 7 as v \gset
\echo :v :ROW_COUNT :SQLSTATE :ERROR
select 1 as a, 2 as b \gx
select 1 as a \g (format=csv)
select 'select 1' union all select 'select nope' \gexec
copy told from stdin;
10	zehn	1.0
11	elf	\N
\.
copy told(a) from stdin;
x
\.
table told;
copy told to stdout;
delete from told where a >= 10;
\copy told(a,b) from '/no/such/file'
\copy (select 1, 2) to stdout
\p
\r
\pset format csv
select 1 where
false
;
\set ON_ERROR_STOP on
select nope;
select 'not reached';
