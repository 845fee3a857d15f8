-- Figures that others report, each with the definition we take it by. Shown beside ours; never an input to them.
set role motcua_owner;

create table if not exists reference.reported_claim (
    jurisdiction text not null references reference.jurisdiction on delete cascade,
    claim text not null,
    who text not null,
    reported_on date not null,
    figure text not null,
    figure_vi text not null,
    definition text not null,
    period_from date not null,
    period_to date not null check (period_to > period_from),
    claimed numeric not null,
    at_least boolean not null,
    primary key (jurisdiction, claim)
);
alter table reference.reported_claim add column if not exists place integer not null default 0;
comment on column reference.reported_claim.place is 'Its place in the deployment file: the order in which it is shown.';

grant select, insert, update, delete on reference.reported_claim to motcua_loader;
grant select on reference.reported_claim to motcua_transformer, motcua_checker, motcua_inspector;
reset role;
