with period as (

    select
        period.jurisdiction,
        period.period,
        period.name,
        period.name_vi,
        period.period_from,
        period.period_to,
        period.place,
        jurisdiction.as_of,
        {{ midnight('period.period_from', 'jurisdiction.zone') }} as from_at,
        {{ midnight('period.period_to', 'jurisdiction.zone') }} as to_at
    from {{ source('reference', 'period') }} as period
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = period.jurisdiction

)

select
    {{ key_in('jurisdiction', 'period') }} as period_key,
    jurisdiction,
    period,
    name,
    name_vi,
    period_from,
    period_to,
    from_at,
    to_at,
    -- Half-open: a period that ends at the as-of instant is over.
    to_at <= as_of as is_complete,
    cast(place as bigint) as place
from period
