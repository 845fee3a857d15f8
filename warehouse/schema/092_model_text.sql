-- The SQL that made each published table: each wording of each model that was built, kept once, and from which run on.
set role motcua_owner;

create table if not exists audit.model_text (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    model text not null,
    sql text not null,
    meaning text not null,
    columns jsonb not null,
    reads text[] not null
);
comment on table audit.model_text is
'Each wording of each model that was ever built: its SQL, what it and its columns mean, which models it reads.';
comment on column audit.model_text.sha256 is 'Of all of it, so that the same wording is kept once.';

create table if not exists audit.model_made (
    run_id uuid not null references audit.run,
    model text not null,
    sha256 text not null references audit.model_text,
    primary key (run_id, model)
);
comment on table audit.model_made is
'From which run on a model was built with which wording: one row where it changed, none where it is as it was.';

create or replace trigger rows_are_evidence before update or delete or truncate on audit.model_text
for each statement execute function release.refuse_change();
create or replace trigger rows_are_evidence before update or delete or truncate on audit.model_made
for each statement execute function release.refuse_change();

do $$
begin
    grant select, insert on audit.model_text, audit.model_made to motcua_loader;
    grant select on audit.model_text, audit.model_made
    to motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
