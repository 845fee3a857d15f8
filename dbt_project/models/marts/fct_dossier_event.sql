-- What happened to each dossier, one row an event: the instants of the settled dossier, and what the provincial system
-- keeps about supplements, payments, stops and letters.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        dossier_code,
        zone,
        source,
        file_sha256,
        row_number,
        submitted_at,
        received_at,
        resolved_at,
        returned_at,
        closed_otherwise_at,
        closed_as
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as touched

),

waiting as (

    select
        jurisdiction,
        dossier_code,
        waits_for,
        from_at,
        to_at,
        source,
        file_sha256,
        row_number
    from {{ touched_of('int_dossier__waiting', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched

),

letter as (

    select
        jurisdiction,
        dossier_code,
        drafted_at,
        sent_at,
        due_after,
        source,
        file_sha256,
        row_number
    from {{ ref('int_dossier__apology') }}

),

own as (

    select
        jurisdiction,
        dossier_code,
        'submitted' as event,
        submitted_at as happened_at,
        source,
        file_sha256,
        row_number
    from dossier
    where submitted_at is not null
    union all
    select
        jurisdiction,
        dossier_code,
        'received' as event,
        received_at as happened_at,
        source,
        file_sha256,
        row_number
    from dossier
    where received_at is not null
    union all
    select
        jurisdiction,
        dossier_code,
        'resolved' as event,
        resolved_at as happened_at,
        source,
        file_sha256,
        row_number
    from dossier
    where resolved_at is not null
    union all
    select
        jurisdiction,
        dossier_code,
        'returned' as event,
        returned_at as happened_at,
        source,
        file_sha256,
        row_number
    from dossier
    where returned_at is not null
    union all
    select
        jurisdiction,
        dossier_code,
        closed_as as event,
        closed_otherwise_at as happened_at,
        source,
        file_sha256,
        row_number
    from dossier
    where closed_otherwise_at is not null

),

kept_apart as (

    select
        jurisdiction,
        dossier_code,
        case waits_for
            when 'supplement' then 'supplement_requested' when 'payment' then 'payment_requested' else 'stopped'
        end as event,
        from_at as happened_at,
        source,
        file_sha256,
        row_number
    from waiting
    union all
    select
        jurisdiction,
        dossier_code,
        case waits_for
            when 'supplement' then 'supplement_received' when 'payment' then 'payment_settled' else 'resumed'
        end as event,
        to_at as happened_at,
        source,
        file_sha256,
        row_number
    from waiting
    where to_at is not null
    union all
    select
        jurisdiction,
        dossier_code,
        'apology_drafted' as event,
        drafted_at as happened_at,
        source,
        file_sha256,
        row_number
    from letter
    where drafted_at is not null
    union all
    select
        jurisdiction,
        dossier_code,
        'apology_sent' as event,
        sent_at as happened_at,
        source,
        file_sha256,
        row_number
    from letter
    where sent_at is not null

),

every as (

    select
        jurisdiction,
        dossier_code,
        event,
        happened_at,
        source,
        file_sha256,
        row_number
    from own
    union all
    select
        jurisdiction,
        dossier_code,
        event,
        happened_at,
        source,
        file_sha256,
        row_number
    from kept_apart

),

-- A dossier may ask for supplements more than once; equal instants keep the order of the rows that tell them.
numbered as (

    select
        every.jurisdiction,
        every.dossier_code,
        dossier.dossier_key,
        dossier.zone,
        every.event,
        every.happened_at,
        every.source,
        every.file_sha256,
        every.row_number,
        row_number() over (
            partition by dossier.dossier_key, every.event
            order by every.happened_at asc, every.file_sha256 asc, every.row_number asc
        ) as occurrence
    from every
    inner join dossier
        on dossier.jurisdiction = every.jurisdiction and dossier.dossier_code = every.dossier_code

)

select
    {{ key_in(key_in('dossier_key', 'event'), 'cast(occurrence as ' ~ dbt.type_string() ~ ')') }} as dossier_event_key,
    dossier_key,
    jurisdiction,
    event,
    cast(occurrence as bigint) as occurrence,
    happened_at,
    {{ local_date('happened_at', 'zone') }} as happened_on,
    source,
    file_sha256,
    row_number
from numbered
