-- The backslash commands that read the catalog.
create table parent(id serial primary key, "Name" varchar(20) unique not null, amount numeric(10,2) check (amount > 0), at timestamptz default now());
create table child(id int generated always as identity primary key, pid int references parent(id) on delete cascade, d double precision[]);
create index child_pid on child(pid) where pid > 3;
create unique index on parent(lower("Name"), amount desc);
create sequence sq increment 5;
create view vv as select id, amount from parent where amount > 1;
\d parent
\d child
\d+ parent
\d child_pid
\d parent_pkey
\d parent_id_seq
\d child_id_seq
\d sq
\d vv
\d+ vv
\d
\d+
\dt
\dt+
\dt par*
\dt public.*
\di
\di+ parent*
\ds
\dv
\dv+
\dtv
\dn
\dn+
\du
\l
\df f
\dT
\dm
\dt nix
\d parent*
\d public.child
\x
\dt
\d child
\a
\d child
\dt
\x
\dt
\d child
