-- Which old procedure became which new one between two snapshots, by the portal's own word or a decision's. Chains a→b,
-- b→c are followed to their end; where one old code was renamed twice, the last target counts.
with recursive snapshot as (

    select
        delivery_id,
        delivery_id_before,
        jurisdiction,
        version,
        version_before
    from {{ ref('int_catalogue__snapshot') }}
    where delivery_id_before is not null

),

rename as (

    select
        event.procedure_code,
        event.new_procedure_code,
        event.event_code,
        event.happened_at,
        ranked.jurisdiction
    from {{ ref('stg_cartas__change_event') }} as event
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = event.delivery_id
    where event.action = 'rename' and ranked.recency = 1
    union all
    select
        procedure_code,
        replaced_by_code as new_procedure_code,
        decision_code as event_code,
        {{ midnight('effective_on', 'zone') }} as happened_at,
        jurisdiction
    from {{ ref('int_decision__listed') }}
    where action = 'replaced'

),

targeted as (

    select
        snapshot.delivery_id,
        rename.procedure_code,
        rename.new_procedure_code,
        rename.event_code,
        row_number() over (
            partition by snapshot.delivery_id, rename.procedure_code
            order by rename.happened_at desc, rename.new_procedure_code desc, rename.event_code desc
        ) as recency
    from snapshot
    inner join rename
        on
            rename.jurisdiction = snapshot.jurisdiction
            and rename.happened_at >= snapshot.version_before
            and rename.happened_at < snapshot.version

),

followed as (

    select
        delivery_id,
        procedure_code as old_code,
        new_procedure_code as new_code,
        event_code,
        1 as steps
    from targeted
    where recency = 1
    union all
    select
        followed.delivery_id,
        followed.old_code,
        targeted.new_procedure_code as new_code,
        targeted.event_code,
        followed.steps + 1 as steps
    from followed
    inner join targeted
        on
            targeted.delivery_id = followed.delivery_id
            and targeted.procedure_code = followed.new_code
            and targeted.recency = 1
    -- A code renamed back and forth would go round for ever.
    where followed.steps < 20 and targeted.new_procedure_code <> followed.old_code

),

ended as (

    select
        delivery_id,
        old_code,
        new_code,
        event_code,
        row_number() over (
            partition by delivery_id, old_code
            order by steps desc, new_code asc
        ) as place_from_end
    from followed

)

select
    delivery_id,
    old_code,
    new_code,
    event_code
from ended
where place_from_end = 1
