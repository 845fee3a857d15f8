-- How complete the deliveries are: of what was expected in a month, how much came, came late, or is missing.
with delivery as (

    select
        jurisdiction,
        source,
        about,
        unit_key,
        status,
        expected,
        covers_from,
        expected_on,
        {{ month_start('expected_on') }} as expected_month
    from {{ ref('fct_delivery') }}
    where expected_on is not null

)

select
    {{ grain_key(['jurisdiction', 'source', 'about', 'unit_key', 'expected_month']) }} as delivery_gap_key,
    jurisdiction,
    source,
    about,
    unit_key,
    expected_month,
    cast(sum(expected) as {{ dbt.type_bigint() }}) as expected,
    cast(sum(case when status = 'came' then expected else 0 end) as {{ dbt.type_bigint() }}) as came,
    cast(sum(case when status = 'late' then expected else 0 end) as {{ dbt.type_bigint() }}) as late,
    cast(sum(case when status = 'missing' then expected else 0 end) as {{ dbt.type_bigint() }}) as missing,
    cast(sum(case when status = 'refused' then 1 else 0 end) as {{ dbt.type_bigint() }}) as refused,
    cast(sum(case when status = 'retracted' then 1 else 0 end) as {{ dbt.type_bigint() }}) as retracted,
    min(case when status = 'missing' then covers_from end) as missing_from,
    max(case when status = 'missing' then expected_on end) as missing_to
from delivery
group by
    jurisdiction,
    source,
    about,
    unit_key,
    expected_month
