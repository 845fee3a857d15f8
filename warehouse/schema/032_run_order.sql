-- Which run came after which is told by a number and not by the clock, which may have been set back between two.
set role motcua_owner;

alter table audit.run add column if not exists run_number bigint;
create sequence if not exists audit.run_number owned by audit.run.run_number;
-- Runs of an earlier version have theirs in the order in which they began.
update audit.run set run_number = ordered.place
from (
    select
        run_id,
        row_number() over (order by started_at, run_id) as place
    from audit.run
) as ordered
where ordered.run_id = run.run_id and run.run_number is null;
select setval('audit.run_number', (select coalesce(max(run_number), 0) + 1 from audit.run), false);
alter table audit.run alter column run_number set default nextval('audit.run_number');
alter table audit.run alter column run_number set not null;
comment on column audit.run.run_number is
'Greater than that of every run before it; numbers of runs that never began are left out.';

grant usage on sequence audit.run_number to motcua_loader;
reset role;
