-- Every format with cells that are wide, empty, of several lines, full of quotes and controls.
create temp table w("naïve" text, "日本" text, "multi
line" text, n numeric, b bool, f float8);
insert into w values ('é','漢字',E'a\tb\r\nc',1.50,true,'NaN'), (E'e\u0301','😀x',E'\x01\x7f',-2,false,1e100),
  (null,null,null,null,null,null), ('a|b','c,d','q"x',0,null,0.1);
table w;
\x
table w;
\x
\pset border 2
table w;
\x
table w;
\t
table w;
\x
table w;
\t
\pset border 0
table w;
\x
table w;
\t
table w;
\t
\x
\pset border 1
\pset linestyle unicode
table w;
\x
table w;
\x
\pset null (null)
\a
table w;
\x
table w;
\x
\t
table w;
\x
table w;
\x
\a
table w;
select * from w where false;
\x
select * from w where false;
\t
select * from w where false;
\a
select * from w where false;
\x
select * from w where false;
\pset format csv
table w;
\x
table w;
\x
\t
table w;
\t
\pset csv_fieldsep ;
table w;
\pset format aligned
\C 'hello world'
table w;
\x
table w;
\a
table w;
\x
table w;
\C
\pset footer off
\a
table w;
\pset footer
\pset border 2
select 1 as "a very long column name indeed", 2 as b;
\pset linestyle ascii
\pset expanded auto
\pset columns 20
select 1 as a, 'a text that is too wide for the screen' as b;
select 1;
\x on
\pset fieldsep '~'
\pset recordsep '#'
\a
select 1 as a, 2 as b union all select 3, 4;
\x off
select 1 as a, 2 as b union all select 3, 4;
