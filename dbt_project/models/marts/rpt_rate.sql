-- On-time rates of each complete period, for the jurisdiction and for each of its units. Each names its policy, what is
-- divided and by what; a rate whose denominator is nought is none, and not nought.
with term as (

    select
        rate.rate,
        rate.policy,
        rate_term.part,
        rate_term.measure
    from {{ ref('rate') }} as rate
    inner join {{ ref('rate_term') }} as rate_term on rate_term.rate = rate.rate

),

counted as (

    select
        measured.jurisdiction,
        measured.period,
        measured.unit_key,
        term.rate,
        term.policy,
        sum(case when term.part = 'numerator' then measured.counted else 0 end) as numerator,
        sum(case when term.part = 'denominator' then measured.counted else 0 end) as denominator
    from {{ ref('int_period__measured') }} as measured
    inner join term on term.policy = measured.policy and term.measure = measured.measure
    group by
        measured.jurisdiction,
        measured.period,
        measured.unit_key,
        term.rate,
        term.policy

),

every as (

    select
        jurisdiction,
        period,
        unit_key,
        rate,
        policy,
        numerator,
        denominator
    from counted
    union all
    select
        jurisdiction,
        period,
        cast(null as {{ dbt.type_string() }}) as unit_key,
        rate,
        policy,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from counted
    group by
        jurisdiction,
        period,
        rate,
        policy

)

select
    {{ grain_key(['every.jurisdiction', 'every.period', 'every.unit_key', 'every.rate']) }} as rate_key,
    every.jurisdiction,
    dim_period.period_key,
    every.period,
    dim_period.period_to,
    every.unit_key,
    every.rate,
    every.policy,
    cast(every.numerator as bigint) as numerator,
    cast(every.denominator as bigint) as denominator,
    {{ percent_of('every.numerator', 'every.denominator') }} as rate_percent
from every
inner join {{ ref('dim_period') }} as dim_period
    on dim_period.jurisdiction = every.jurisdiction and dim_period.period = every.period
