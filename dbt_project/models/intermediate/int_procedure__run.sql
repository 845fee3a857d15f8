-- States in a row that say the same of a procedure, as one: since when, and when it was gone. What changed between two
-- states changed on the day on which a decision amended it, if one did between them; else on that of the later state.
with stated as (

    select
        jurisdiction,
        track,
        source,
        place,
        stated_on,
        procedure_code,
        description_key,
        lag(place) over (
            partition by jurisdiction, track, source, procedure_code
            order by place asc
        ) as place_before,
        lag(stated_on) over (
            partition by jurisdiction, track, source, procedure_code
            order by place asc
        ) as stated_before_on,
        lag(description_key) over (
            partition by jurisdiction, track, source, procedure_code
            order by place asc
        ) as description_key_before
    from {{ ref('int_procedure__stated') }}

),

numbered as (

    select
        jurisdiction,
        track,
        source,
        place,
        stated_on,
        procedure_code,
        place_before,
        stated_before_on,
        sum(case when place_before = place - 1 and description_key_before = description_key then 0 else 1 end) over (
            partition by jurisdiction, track, source, procedure_code
            order by place asc
            rows between unbounded preceding and current row
        ) as run
    from stated

),

run as (

    select
        jurisdiction,
        track,
        source,
        procedure_code,
        run,
        min(place) as first_place,
        max(place) as last_place
    from numbered
    group by
        jurisdiction,
        track,
        source,
        procedure_code,
        run

),

state as (

    select distinct
        jurisdiction,
        track,
        source,
        place,
        stated_on
    from {{ ref('int_procedure__stated') }}

),

amended as (

    select
        jurisdiction,
        procedure_code,
        effective_on
    from {{ ref('int_decision__listed') }}
    where action = 'amended'

),

amended_between as (

    select
        numbered.jurisdiction,
        numbered.track,
        numbered.source,
        numbered.procedure_code,
        numbered.place,
        max(amended.effective_on) as amended_on
    from numbered
    inner join amended
        on
            amended.jurisdiction = numbered.jurisdiction
            and amended.procedure_code = numbered.procedure_code
            and amended.effective_on > numbered.stated_before_on
            and amended.effective_on <= numbered.stated_on
    group by
        numbered.jurisdiction,
        numbered.track,
        numbered.source,
        numbered.procedure_code,
        numbered.place

)

select
    run.jurisdiction,
    run.track,
    run.source,
    run.procedure_code,
    run.run,
    coalesce(amended_between.amended_on, first_state.stated_on) as since,
    -- The first state of a track says nothing of when a procedure came.
    case
        when run.first_place > 1 and coalesce(first_stated.place_before, 0) < run.first_place - 1
            then first_state.stated_on
    end as appeared_on,
    case when following.place is null then after.stated_on end as gone_on,
    last_stated.procedure_name,
    last_stated.field_name,
    last_stated.competent_unit_code,
    last_stated.levels,
    last_stated.time_limit,
    last_stated.limit_unit,
    last_stated.interlinking,
    last_stated.has_workflow,
    last_stated.is_essential,
    last_stated.online_level
from run
inner join state as first_state
    on
        first_state.jurisdiction = run.jurisdiction
        and first_state.track = run.track
        and first_state.source = run.source
        and first_state.place = run.first_place
inner join numbered as first_stated
    on
        first_stated.jurisdiction = run.jurisdiction
        and first_stated.track = run.track
        and first_stated.source = run.source
        and first_stated.procedure_code = run.procedure_code
        and first_stated.place = run.first_place
inner join {{ ref('int_procedure__stated') }} as last_stated
    on
        last_stated.jurisdiction = run.jurisdiction
        and last_stated.track = run.track
        and last_stated.source = run.source
        and last_stated.procedure_code = run.procedure_code
        and last_stated.place = run.last_place
left join state as after
    on
        after.jurisdiction = run.jurisdiction
        and after.track = run.track
        and after.source = run.source
        and after.place = run.last_place + 1
left join numbered as following
    on
        following.jurisdiction = run.jurisdiction
        and following.track = run.track
        and following.source = run.source
        and following.procedure_code = run.procedure_code
        and following.place = run.last_place + 1
left join amended_between
    on
        amended_between.jurisdiction = run.jurisdiction
        and amended_between.track = run.track
        and amended_between.source = run.source
        and amended_between.procedure_code = run.procedure_code
        and amended_between.place = run.first_place
