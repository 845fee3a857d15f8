-- When each dossier was due by the rules: counted from its receipt, and again from each supplement that came, under the
-- rule in force on the day of receipt. What its source promised stands elsewhere and plays no part.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
{% set told_of_receipt = [
    'dossier_key', 'jurisdiction', 'rule', 'received_at', 'time_limit', 'limit_unit', 'limit_from', 'day',
    'next_working_day', 'is_moved',
] %}
{% set read_again = [
    'dossier_key', 'jurisdiction', 'zone', 'time_limit', 'limit_unit', 'receipt_is_day', 'due_hour', 'calendar_days_end',
    'supplement', 'off_day_receipt', 'handed_over_clock',
] %}
with limited as (

    select
        dossier_key,
        jurisdiction,
        zone,
        received_at,
        received_on,
        time_limit,
        limit_unit,
        limit_from
    from {{ touched_of('int_dossier__limited', 'dossier_key', ['dossier_key']) }} as touched

),

received as (

    {{ counted_from_receipt('limited') }}

),

first_due as (

    {{ due_by_rule('received', told_of_receipt) }}

),

-- The same once more for the few that were asked for papers: read twice, the whole would be kept aside in between.
asked as (

    select
        limited.dossier_key,
        limited.jurisdiction,
        limited.zone,
        limited.received_at,
        limited.received_on,
        limited.time_limit,
        limited.limit_unit,
        limited.limit_from
    from {{ touched_of('int_dossier__limited', 'dossier_key', ['dossier_key']) }} as limited
    inner join {{ ref('int_supplement__waited') }} as waited
        on waited.dossier_key = limited.dossier_key and waited.place = 1 and waited.came_at is not null

),

received_before as (

    {{ counted_from_receipt('asked') }}

),

due_before_supplements as (

    {{ due_by_rule('received_before', read_again) }}

),

answered as (

    select
        due.dossier_key,
        due.jurisdiction,
        due.zone,
        due.supplement,
        due.due_at as first_due_at,
        due.due_on as first_due_on,
        due.time_limit,
        due.limit_unit,
        due.receipt_is_day,
        due.due_hour,
        due.calendar_days_end,
        due.off_day_receipt,
        due.handed_over_clock,
        waited.place,
        waited.asked_on,
        waited.came_at,
        cast(
            sum(waited.waited_minutes) over (
                partition by waited.dossier_key order by waited.place asc rows unbounded preceding
            ) as bigint
        ) as waited_minutes
    from {{ ref('int_supplement__waited') }} as waited
    inner join due_before_supplements as due on due.dossier_key = waited.dossier_key
    where waited.came_at is not null and due.due_at is not null

),

-- Where the rule has the limit begin anew, it is counted from the supplement as it was from the receipt.
restarted as (

    select
        answered.dossier_key,
        answered.jurisdiction,
        answered.zone,
        answered.place,
        answered.came_at as started_at,
        answered.time_limit,
        answered.limit_unit,
        answered.receipt_is_day,
        answered.due_hour,
        answered.calendar_days_end,
        calendar.day,
        calendar.begins_at,
        calendar.has_24_hours,
        calendar.is_working,
        calendar.working_day_number,
        calendar.next_working_day,
        {{
            counts_from_next_day(
                'answered', 'calendar', 'answered.came_at',
                at_clock('calendar.day', clock_minutes('answered.handed_over_clock'), 'answered.zone')
            )
        }} as is_moved
    from answered
    left join {{ ref('int_calendar__day') }} as calendar
        on {{ on_day_of('calendar', 'answered', 'answered.came_at') }}
    where answered.supplement = 'restart'

),

due_again as (

    {{ due_by_rule('restarted', ['dossier_key', 'place']) }}

),

-- Where it stops meanwhile, the first due instant moves on by the working minutes waited so far.
paused as (

    select
        answered.dossier_key,
        answered.zone,
        answered.place,
        {{ add_working_minutes('reached', 'due_day', 'answered.first_due_at', 'answered.waited_minutes') }} as due_at
    from answered
    left join {{ ref('int_calendar__day') }} as due_day
        on {{ on_day_of('due_day', 'answered', 'answered.first_due_at') }}
    left join {{ ref('int_calendar__bucket') }} as reached
        on {{ on_bucket_after('reached', 'due_day', 'answered.first_due_at', 'answered.waited_minutes') }}
    where answered.supplement = 'pause'

),

moved as (

    select
        dossier_key,
        place,
        due_at,
        due_on
    from due_again
    union all
    select
        dossier_key,
        place,
        due_at,
        {{ local_date('due_at', 'zone') }} as due_on
    from paused

),

-- A supplement moves the due date if it was asked for before that had passed, on its day at the latest, and so was each
-- before it.
weighed as (

    select
        answered.dossier_key,
        answered.place,
        answered.asked_on,
        moved.due_at,
        moved.due_on,
        lag(moved.due_on, 1, answered.first_due_on) over (
            partition by answered.dossier_key order by answered.place asc
        ) as due_before
    from answered
    inner join moved on moved.dossier_key = answered.dossier_key and moved.place = answered.place

),

judged as (

    select
        dossier_key,
        place,
        due_at,
        due_on,
        min(case when asked_on <= due_before then 1 else 0 end) over (
            partition by dossier_key order by place asc rows unbounded preceding
        ) as counts
    from weighed

),

last_moved as (

    select
        dossier_key,
        due_at,
        due_on,
        place,
        row_number() over (partition by dossier_key order by place desc) as place_from_end
    from judged
    where counts = 1

)

select
    first_due.dossier_key,
    first_due.jurisdiction,
    first_due.rule,
    first_due.received_at,
    first_due.time_limit,
    first_due.limit_unit,
    first_due.limit_from,
    case
        when first_due.rule is null then null
        when first_due.is_moved then first_due.next_working_day
        else first_due.day
    end as counted_from_day,
    first_due.due_at as first_due_at,
    first_due.due_on as first_due_on,
    coalesce(last_moved.place, 0) as supplements_counted,
    -- What a supplement moved beyond the calendar is not known, and not the first date either.
    case when last_moved.place is null then first_due.due_at else last_moved.due_at end as due_at,
    case when last_moved.place is null then first_due.due_on else last_moved.due_on end as due_on
from first_due
left join last_moved on last_moved.dossier_key = first_due.dossier_key and last_moved.place_from_end = 1
