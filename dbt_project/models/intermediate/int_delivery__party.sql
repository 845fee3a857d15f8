-- From whom each thing is expected, and since when: the source as a whole (office ''), the units of the named levels
-- that the province lists, or else the offices that have delivered before.
with agreement as (

    select
        expected.source,
        expected.place,
        expected.per,
        expected.expected_from,
        deployed.jurisdiction
    from {{ source('reference', 'expected') }} as expected
    inner join {{ source('reference', 'source') }} as deployed on deployed.source = expected.source

),

levelled as (

    select
        source,
        place,
        level
    from {{ source('reference', 'expected_level') }}

),

unit as (

    select distinct
        ranked.jurisdiction,
        {{ agency_code('listed.agency_id') }} as office_code,
        listed.level
    from {{ ref('stg_provincial__unit') }} as listed
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = listed.delivery_id and ranked.recency = 1

),

came as (

    select
        stream.source,
        stream.place,
        arrived.office_code,
        min(arrived.bears_on) as first_on
    from {{ source('reference', 'expected_stream') }} as stream
    inner join {{ ref('int_delivery__arrived') }} as arrived
        on arrived.source = stream.source and arrived.stream = stream.stream
    where arrived.outcome = 'stands'
    group by
        stream.source,
        stream.place,
        arrived.office_code

),

first_of_all as (

    select
        source,
        place,
        min(first_on) as first_on
    from came
    group by
        source,
        place

),

listed_office as (

    select
        agreement.source,
        agreement.place,
        unit.office_code,
        coalesce(agreement.expected_from, first_of_all.first_on) as starts_on
    from agreement
    inner join levelled on levelled.source = agreement.source and levelled.place = agreement.place
    inner join unit on unit.jurisdiction = agreement.jurisdiction and unit.level = levelled.level
    left join first_of_all on first_of_all.source = agreement.source and first_of_all.place = agreement.place

),

seen_office as (

    select
        agreement.source,
        agreement.place,
        came.office_code,
        coalesce(agreement.expected_from, came.first_on) as starts_on
    from agreement
    inner join came on came.source = agreement.source and came.place = agreement.place
    left join levelled on levelled.source = agreement.source and levelled.place = agreement.place
    where agreement.per = 'office' and levelled.level is null

),

whole_source as (

    select
        agreement.source,
        agreement.place,
        '' as office_code,
        coalesce(agreement.expected_from, first_of_all.first_on) as starts_on
    from agreement
    left join first_of_all on first_of_all.source = agreement.source and first_of_all.place = agreement.place
    where agreement.per = 'source'

)

select
    source,
    place,
    office_code,
    starts_on
from listed_office
where starts_on is not null
union all
select
    source,
    place,
    office_code,
    starts_on
from seen_office
where starts_on is not null
union all
select
    source,
    place,
    office_code,
    starts_on
from whole_source
where starts_on is not null
