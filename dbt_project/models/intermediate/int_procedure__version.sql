-- Procedures and the days on which they were in being and as they were. Decisions say when one begins and ends; without
-- one the catalogue's snapshots do, without those the system's list. What nobody saw begin was there when the records
-- begin.
with decided as (

    select
        jurisdiction,
        procedure_code,
        procedure_name,
        effective_on,
        case action when 'new' then 'begins' when 'amended' then 'amended' else 'ends' end as change
    from {{ ref('int_decision__listed') }}
    where procedure_code is not null
    union
    select
        jurisdiction,
        replaced_by_code as procedure_code,
        cast(null as {{ dbt.type_string() }}) as procedure_name,
        effective_on,
        'begins' as change
    from {{ ref('int_decision__listed') }}
    where action = 'replaced' and replaced_by_code is not null

),

run as (

    select
        jurisdiction,
        track,
        source,
        procedure_code,
        run,
        since,
        appeared_on,
        gone_on
    from {{ ref('int_procedure__run') }}

),

-- Where neither a decision nor a catalogue names it, the system's list is all there is.
named_elsewhere as (

    select
        jurisdiction,
        procedure_code
    from decided
    union
    select
        jurisdiction,
        procedure_code
    from run
    where track = 'catalogue'

),

only_listed as (

    select
        run.jurisdiction,
        run.procedure_code,
        run.appeared_on,
        run.gone_on
    from run
    left join named_elsewhere
        on named_elsewhere.jurisdiction = run.jurisdiction and named_elsewhere.procedure_code = run.procedure_code
    where run.track = 'system' and named_elsewhere.procedure_code is null

),

witnessed as (

    select
        jurisdiction,
        procedure_code,
        change,
        effective_on as changed_on,
        1 as precedence
    from decided
    where change in ('begins', 'ends')
    union all
    select
        jurisdiction,
        procedure_code,
        'begins' as change,
        appeared_on as changed_on,
        2 as precedence
    from run
    where appeared_on is not null and track = 'catalogue'
    union all
    select
        jurisdiction,
        procedure_code,
        'ends' as change,
        gone_on as changed_on,
        2 as precedence
    from run
    where gone_on is not null and track = 'catalogue'
    union all
    select
        jurisdiction,
        procedure_code,
        'begins' as change,
        appeared_on as changed_on,
        3 as precedence
    from only_listed
    where appeared_on is not null
    union all
    select
        jurisdiction,
        procedure_code,
        'ends' as change,
        gone_on as changed_on,
        3 as precedence
    from only_listed
    where gone_on is not null

),

ranked as (

    select
        jurisdiction,
        procedure_code,
        change,
        changed_on,
        precedence,
        min(precedence) over (partition by jurisdiction, procedure_code, change) as best
    from witnessed

),

event as (

    select distinct
        jurisdiction,
        procedure_code,
        change,
        changed_on
    from ranked
    where precedence = best

),

first_event as (

    select
        jurisdiction,
        procedure_code,
        change,
        -- What ends and begins on one day goes on.
        row_number() over (
            partition by jurisdiction, procedure_code
            order by changed_on asc, change desc
        ) as place
    from event

),

known as (

    select
        jurisdiction,
        procedure_code
    from run
    union
    select
        jurisdiction,
        procedure_code
    from decided
    union
    select
        jurisdiction,
        procedure_code
    from {{ ref('int_dossier__current') }}
    where procedure_code is not null

),

boundary as (

    select
        known.jurisdiction,
        known.procedure_code,
        {{ beginning() }} as changed_on
    from known
    left join first_event
        on
            first_event.jurisdiction = known.jurisdiction
            and first_event.procedure_code = known.procedure_code
            and first_event.place = 1
    where first_event.change is null or first_event.change = 'ends'
    union
    select
        jurisdiction,
        procedure_code,
        changed_on
    from event
    union
    select
        jurisdiction,
        procedure_code,
        effective_on as changed_on
    from decided
    where change = 'amended'
    union
    select
        jurisdiction,
        procedure_code,
        since as changed_on
    from run
    where run > 1

),

stretch as (

    select
        jurisdiction,
        procedure_code,
        changed_on as valid_from,
        lead(changed_on) over (
            partition by jurisdiction, procedure_code
            order by changed_on asc
        ) as valid_to
    from boundary

),

-- The last thing that happened to it by the first day of the stretch; nothing did where it was there all along.
latest as (

    select
        stretch.jurisdiction,
        stretch.procedure_code,
        stretch.valid_from,
        stretch.valid_to,
        event.change,
        row_number() over (
            partition by stretch.jurisdiction, stretch.procedure_code, stretch.valid_from
            order by event.changed_on desc nulls last, event.change asc
        ) as recency
    from stretch
    left join event
        on
            event.jurisdiction = stretch.jurisdiction
            and event.procedure_code = stretch.procedure_code
            and event.changed_on <= stretch.valid_from

),

version as (

    select
        latest.jurisdiction,
        latest.procedure_code,
        latest.valid_from,
        latest.valid_to
    from latest
    left join first_event
        on
            first_event.jurisdiction = latest.jurisdiction
            and first_event.procedure_code = latest.procedure_code
            and first_event.place = 1
    where
        latest.recency = 1
        and (
            latest.change = 'begins'
            or (latest.change is null and (first_event.change is null or first_event.change = 'ends'))
        )

),

-- One that ended on the day it began was never in being, and may be named all the same.
every as (

    select
        jurisdiction,
        procedure_code,
        valid_from,
        valid_to
    from version
    union all
    select
        known.jurisdiction,
        known.procedure_code,
        {{ beginning() }} as valid_from,
        cast(null as date) as valid_to
    from known
    left join version
        on version.jurisdiction = known.jurisdiction and version.procedure_code = known.procedure_code
    where version.procedure_code is null

),

decided_name as (

    select
        jurisdiction,
        procedure_code,
        max(procedure_name) as procedure_name
    from decided
    group by
        jurisdiction,
        procedure_code

)

select
    every.jurisdiction,
    every.procedure_code,
    every.valid_from,
    every.valid_to,
    decided_name.procedure_name as decided_name
from every
left join decided_name
    on decided_name.jurisdiction = every.jurisdiction and decided_name.procedure_code = every.procedure_code
