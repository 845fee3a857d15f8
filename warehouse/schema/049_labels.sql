-- What people see in place of a column's or figure's name, in English and Vietnamese, for reports and BI.
set role motcua_owner;

create table if not exists reference.label (
    label text primary key,
    en text not null,
    vi text not null
);

grant select, insert, update, delete on reference.label to motcua_loader;
grant select on reference.label to motcua_transformer, motcua_checker, motcua_inspector;
reset role;
