-- Every day from a year before the first receipt to three years after the last as-of instant: wide enough for due
-- dates, and a due date of the year 9999 cannot blow it up.
with bounds as (

    select
        {{ add_days("min(dossier.received_on)", -366) }} as first_day,
        {{ add_days(local_date("max(jurisdiction.as_of)", "'UTC'"), 1096) }} as last_day
    from {{ source('reference', 'jurisdiction') }} as jurisdiction
    left join {{ ref('int_dossier__current') }} as dossier on dossier.jurisdiction = jurisdiction.jurisdiction

),

days as (

    select generated.day as date_day
    from {{ days_between('(select first_day from bounds)', '(select last_day from bounds)') }} as generated

)

select
    date_day,
    {{ calendar_part('year', 'date_day') }} as year_number,
    {{ calendar_part('quarter', 'date_day') }} as quarter_number,
    {{ calendar_part('month', 'date_day') }} as month_number,
    {{ month_start('date_day') }} as month_start,
    {{ iso_week('date_day') }} as iso_week,
    {{ iso_weekday('date_day') }} as iso_weekday
from days
