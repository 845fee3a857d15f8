-- Every day a calendar covers, worked or not, with what a look-up needs: where the day begins, its stretches of work
-- in minutes after that, and running totals. Joined on jurisdiction and local day, it answers for its every instant.
with named as (

    select
        jurisdiction,
        zone,
        rule_set,
        covered_from,
        covered_to
    from {{ ref('int_calendar__named') }}

),

bounds as (

    select
        min(covered_from) as first_day,
        max(covered_to) as end_day
    from named

),

every_day as (

    select generated.day
    from {{ days_between('(select first_day from bounds)', '(select end_day from bounds)') }} as generated

),

covered as (

    select
        named.jurisdiction,
        named.zone,
        named.rule_set,
        every_day.day,
        {{ midnight('every_day.day', 'named.zone') }} as begins_at,
        {{ midnight(add_days('every_day.day', 1), 'named.zone') }} as ends_at
    from named
    inner join every_day on every_day.day >= named.covered_from and every_day.day < named.covered_to

),

stretched as (

    select
        covered.jurisdiction,
        covered.day,
        sum(stretch.minutes) as day_minutes,
        max(stretch.closes_at) as closes_at,
        max(case when stretch.stretch_number = 1 then stretch.opens_at end) as opens_1_at,
        max(case when stretch.stretch_number = 2 then stretch.opens_at end) as opens_2_at,
        max(case when stretch.stretch_number = 3 then stretch.opens_at end) as opens_3_at,
        max(
            case
                when stretch.stretch_number = 1
                    then {{ minutes_since('covered.begins_at', 'stretch.opens_at') }}
            end
        ) as opens_1,
        max(
            case
                when stretch.stretch_number = 1
                    then {{ minutes_since('covered.begins_at', 'stretch.closes_at') }}
            end
        ) as closes_1,
        max(
            case
                when stretch.stretch_number = 2
                    then {{ minutes_since('covered.begins_at', 'stretch.opens_at') }}
            end
        ) as opens_2,
        max(
            case
                when stretch.stretch_number = 2
                    then {{ minutes_since('covered.begins_at', 'stretch.closes_at') }}
            end
        ) as closes_2,
        max(
            case
                when stretch.stretch_number = 3
                    then {{ minutes_since('covered.begins_at', 'stretch.opens_at') }}
            end
        ) as opens_3,
        max(
            case
                when stretch.stretch_number = 3
                    then {{ minutes_since('covered.begins_at', 'stretch.closes_at') }}
            end
        ) as closes_3
    from covered
    inner join {{ ref('int_calendar__stretch') }} as stretch
        on stretch.jurisdiction = covered.jurisdiction and stretch.day = covered.day
    group by
        covered.jurisdiction,
        covered.day

),

worked as (

    select
        covered.jurisdiction,
        covered.zone,
        covered.rule_set,
        covered.day,
        covered.begins_at,
        {{ minutes_since('covered.begins_at', 'covered.ends_at') }} = 1440 as has_24_hours,
        stretched.day is not null as is_working,
        cast(coalesce(stretched.day_minutes, 0) as bigint) as day_minutes,
        stretched.closes_at,
        stretched.opens_1_at,
        stretched.opens_2_at,
        stretched.opens_3_at,
        -- A stretch that is not there is one without length.
        coalesce(stretched.opens_1, 0) as opens_1,
        coalesce(stretched.closes_1, 0) as closes_1,
        coalesce(stretched.opens_2, 0) as opens_2,
        coalesce(stretched.closes_2, 0) as closes_2,
        coalesce(stretched.opens_3, 0) as opens_3,
        coalesce(stretched.closes_3, 0) as closes_3
    from covered
    left join stretched
        on stretched.jurisdiction = covered.jurisdiction and stretched.day = covered.day

),

ruled as (

    select
        worked.jurisdiction,
        worked.day,
        rule.rule,
        case
            when rule.handed_over_after is not null
                then {{ at_clock('worked.day', clock_minutes('rule.handed_over_after'), 'worked.zone') }}
        end as handed_over_after
    from worked
    inner join {{ ref('working_rule') }} as rule
        on
            rule.rule_set = worked.rule_set
            and rule.effective_from <= worked.day
            and (rule.effective_to is null or rule.effective_to > worked.day)

),

shortest as (

    select
        jurisdiction,
        min(minutes) as bucket_minutes
    from {{ ref('int_calendar__stretch') }}
    group by jurisdiction

),

totals as (

    select
        worked.jurisdiction,
        worked.day,
        worked.zone,
        worked.begins_at,
        worked.has_24_hours,
        worked.is_working,
        worked.closes_at,
        worked.opens_1_at,
        worked.opens_2_at,
        worked.opens_3_at,
        worked.opens_1,
        worked.closes_1,
        worked.opens_2,
        worked.closes_2,
        worked.opens_3,
        worked.closes_3,
        worked.day_minutes,
        cast(
            sum(worked.day_minutes) over (
                partition by worked.jurisdiction order by worked.day asc rows unbounded preceding
            ) - worked.day_minutes as bigint
        ) as minutes_before,
        sum(case when worked.is_working then 1 else 0 end) over (
            partition by worked.jurisdiction order by worked.day asc rows unbounded preceding
        ) as working_day_number,
        max(case when worked.is_working then worked.day end) over (
            partition by worked.jurisdiction order by worked.day asc rows unbounded preceding
        ) as this_or_previous_working_day,
        min(case when worked.is_working then worked.day end) over (
            partition by worked.jurisdiction order by worked.day desc rows unbounded preceding
        ) as this_or_next_working_day,
        min(case when worked.is_working then worked.day end) over (
            partition by worked.jurisdiction order by worked.day desc rows between unbounded preceding and 1 preceding
        ) as next_working_day,
        ruled.rule,
        ruled.handed_over_after,
        shortest.bucket_minutes
    from worked
    left join ruled on ruled.jurisdiction = worked.jurisdiction and ruled.day = worked.day
    left join shortest on shortest.jurisdiction = worked.jurisdiction

)

select
    totals.jurisdiction,
    totals.day,
    totals.zone,
    totals.begins_at,
    totals.has_24_hours,
    totals.is_working,
    totals.closes_at,
    totals.opens_1_at,
    totals.opens_2_at,
    totals.opens_3_at,
    totals.opens_1,
    totals.closes_1,
    totals.opens_2,
    totals.closes_2,
    totals.opens_3,
    totals.closes_3,
    totals.day_minutes,
    totals.minutes_before,
    totals.working_day_number,
    totals.this_or_previous_working_day,
    totals.this_or_next_working_day,
    totals.next_working_day,
    rolled.begins_at as rolled_begins_at,
    rolled.has_24_hours as rolled_has_24_hours,
    rolled.closes_at as rolled_closes_at,
    totals.rule,
    totals.handed_over_after,
    totals.bucket_minutes
from totals
left join totals as rolled
    on rolled.jurisdiction = totals.jurisdiction and rolled.day = totals.this_or_next_working_day
