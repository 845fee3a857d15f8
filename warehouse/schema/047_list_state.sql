-- What whole lists said, and since when. A list that is read again moves its delivery's version (the newest counts);
-- what it said before another content came between would be lost to every history.
set role motcua_owner;

create table if not exists audit.list_state (
    source text not null,
    stream text not null,
    version timestamptz not null,
    delivery_id bigint not null references audit.delivery,
    primary key (source, stream, version)
);
comment on table audit.list_state is
'Since when, by the source''s clock, a whole list has read as it does: one row each time it began to read otherwise.';

grant select, insert, update on audit.list_state to motcua_loader;
grant select on audit.list_state to motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
reset role;
