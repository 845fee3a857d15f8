-- What was expected, and what came. Neither the clock nor the order in which things landed is asked.
with arrived as (

    select
        jurisdiction,
        source,
        stream,
        office_code,
        version,
        bears_on,
        file_sha256,
        outcome,
        came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        problem,
        counts
    from {{ ref('int_delivery__arrived') }}

),

expected as (

    select
        source,
        place,
        office_code,
        about,
        jurisdiction,
        covers_from,
        expected_on,
        answered_before,
        due_at,
        is_due
    from {{ ref('int_delivery__expected') }}

),

-- Which entry of the contract speaks of an arrival: the first that names its stream and its office.
agreed as (

    select
        arrived.source,
        arrived.stream,
        arrived.office_code,
        arrived.version,
        arrived.file_sha256,
        arrived.outcome,
        party.place,
        party.starts_on,
        agreement.about,
        row_number() over (
            partition by
                arrived.source, arrived.stream, arrived.office_code, arrived.version, arrived.file_sha256,
                arrived.outcome
            order by case when party.place is null then 1 else 0 end asc, agreement.place asc
        ) as choice
    from arrived
    inner join {{ source('reference', 'expected_stream') }} as named
        on named.source = arrived.source and named.stream = arrived.stream
    inner join {{ source('reference', 'expected') }} as agreement
        on agreement.source = named.source and agreement.place = named.place
    left join {{ ref('int_delivery__party') }} as party
        on
            party.source = agreement.source
            and party.place = agreement.place
            and party.office_code = arrived.office_code

),

-- Each arrival with what it answers to, if anything.
answering as (

    select
        arrived.jurisdiction,
        arrived.source,
        arrived.stream,
        arrived.office_code,
        arrived.version,
        arrived.bears_on,
        arrived.file_sha256,
        arrived.outcome,
        arrived.came_at,
        arrived.rows_read,
        arrived.rows_landed,
        arrived.rows_quarantined,
        arrived.problem,
        arrived.counts,
        agreed.choice is not null as is_agreed,
        agreed.starts_on,
        agreed.about,
        expected.place,
        expected.covers_from,
        expected.expected_on,
        expected.due_at,
        row_number() over (
            partition by expected.source, expected.place, expected.office_code, expected.expected_on, arrived.outcome
            order by
                arrived.came_at asc nulls first,
                arrived.version asc,
                arrived.file_sha256 asc,
                arrived.stream asc
        ) as turn
    from arrived
    left join agreed
        on
            agreed.choice = 1
            and agreed.source = arrived.source
            and agreed.stream = arrived.stream
            and agreed.office_code = arrived.office_code
            and agreed.version = arrived.version
            and agreed.file_sha256 = arrived.file_sha256
            and agreed.outcome = arrived.outcome
    left join expected
        on
            expected.source = arrived.source
            and expected.place = agreed.place
            and expected.office_code = arrived.office_code
            and expected.expected_on <= arrived.bears_on
            and (expected.answered_before is null or expected.answered_before > arrived.bears_on)

),

-- The first to come answers; it is late when it came at or after the due instant. What comes after it is no answer.
came as (

    select
        jurisdiction,
        source,
        stream,
        office_code,
        version,
        file_sha256,
        case
            when outcome <> 'stands' then outcome
            when expected_on is null and is_agreed and (starts_on is null or bears_on >= starts_on) then 'unexpected'
            when turn = 1 and came_at >= due_at then 'late'
            else 'came'
        end as status,
        about,
        case when expected_on is not null and outcome = 'stands' and turn = 1 then 1 else 0 end as expected,
        covers_from,
        expected_on,
        due_at,
        case when is_agreed then came_at end as came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        problem
    from answering
    -- Of what nothing is expected, only what counts is told: a superseded copy of everything touches no figure.
    where is_agreed or (outcome = 'stands' and counts)

),

answered as (

    select distinct
        source,
        place,
        office_code,
        expected_on
    from answering
    where outcome = 'stands' and expected_on is not null

),

missing as (

    select
        expected.jurisdiction,
        expected.source,
        cast(null as {{ dbt.type_string() }}) as stream,
        expected.office_code,
        cast(null as {{ type_instant() }}) as version,
        cast(null as {{ dbt.type_string() }}) as file_sha256,
        'missing' as status,
        expected.about,
        1 as expected,
        expected.covers_from,
        expected.expected_on,
        expected.due_at,
        cast(null as {{ type_instant() }}) as came_at,
        cast(null as {{ dbt.type_bigint() }}) as rows_read,
        cast(null as {{ dbt.type_bigint() }}) as rows_landed,
        cast(null as {{ dbt.type_bigint() }}) as rows_quarantined,
        cast(null as {{ dbt.type_string() }}) as problem
    from expected
    left join answered
        on
            answered.source = expected.source
            and answered.place = expected.place
            and answered.office_code = expected.office_code
            and answered.expected_on = expected.expected_on
    where answered.source is null and expected.is_due

),

-- Where a run asks, batches are cut by the run and are no event: that the stream has been read is all there is to tell.
asked as (

    select distinct
        deployed.jurisdiction,
        stream.source,
        stream.stream,
        '' as office_code,
        cast(null as {{ type_instant() }}) as version,
        cast(null as {{ dbt.type_string() }}) as file_sha256,
        'came' as status,
        cast(null as {{ dbt.type_string() }}) as about,
        0 as expected,
        cast(null as date) as covers_from,
        cast(null as date) as expected_on,
        cast(null as {{ type_instant() }}) as due_at,
        cast(null as {{ type_instant() }}) as came_at,
        cast(null as {{ dbt.type_bigint() }}) as rows_read,
        cast(null as {{ dbt.type_bigint() }}) as rows_landed,
        cast(null as {{ dbt.type_bigint() }}) as rows_quarantined,
        cast(null as {{ dbt.type_string() }}) as problem
    from {{ source('reference', 'stream') }} as stream
    inner join {{ source('reference', 'source') }} as deployed on deployed.source = stream.source
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.source = stream.source and ranked.stream = stream.stream
    where stream.asked

),

told as (

    select
        jurisdiction,
        source,
        stream,
        office_code,
        version,
        file_sha256,
        status,
        about,
        expected,
        covers_from,
        expected_on,
        due_at,
        came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        problem
    from came
    union all
    select
        jurisdiction,
        source,
        stream,
        office_code,
        version,
        file_sha256,
        status,
        about,
        expected,
        covers_from,
        expected_on,
        due_at,
        came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        problem
    from missing
    union all
    select
        jurisdiction,
        source,
        stream,
        office_code,
        version,
        file_sha256,
        status,
        about,
        expected,
        covers_from,
        expected_on,
        due_at,
        came_at,
        rows_read,
        rows_landed,
        rows_quarantined,
        problem
    from asked

)

select
    {{ grain_key([
        'source', 'stream', 'office_code', epoch_seconds('version'), 'file_sha256', 'status', 'about', 'expected_on'
    ]) }} as delivery_key,
    jurisdiction,
    source,
    stream,
    case when office_code <> '' then {{ key_in('jurisdiction', 'office_code') }} end as unit_key,
    status,
    about,
    cast(expected as {{ dbt.type_bigint() }}) as expected,
    covers_from,
    expected_on,
    due_at,
    version,
    came_at,
    rows_read,
    rows_landed,
    rows_quarantined,
    file_sha256,
    problem
from told
