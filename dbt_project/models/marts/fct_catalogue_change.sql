with snapshot as (

    select
        delivery_id,
        delivery_id_before,
        jurisdiction,
        file_sha256,
        snapshot_on
    from {{ ref('int_catalogue__snapshot') }}

),

transition as (

    select
        later.jurisdiction,
        later.delivery_id as delivery_id_after,
        later.file_sha256 as file_sha256_after,
        later.snapshot_on as snapshot_after,
        earlier.delivery_id as delivery_id_before,
        earlier.file_sha256 as file_sha256_before,
        earlier.snapshot_on as snapshot_before
    from snapshot as later
    inner join snapshot as earlier on earlier.delivery_id = later.delivery_id_before

),

presence as (

    select
        delivery_id,
        procedure_code,
        competent_unit_code,
        content_sha1,
        row_number
    from {{ ref('int_catalogue__presence') }}

),

renamed as (

    select
        delivery_id,
        old_code,
        new_code,
        event_code
    from {{ ref('int_catalogue__renamed') }}

),

gone as (

    select
        transition.delivery_id_after,
        presence.procedure_code,
        presence.competent_unit_code,
        presence.row_number as row_number_before
    from transition
    inner join presence on presence.delivery_id = transition.delivery_id_before
    left join presence as still
        on still.delivery_id = transition.delivery_id_after and still.procedure_code = presence.procedure_code
    where still.procedure_code is null

),

come as (

    select
        transition.delivery_id_after,
        presence.procedure_code,
        presence.competent_unit_code,
        presence.row_number as row_number_after
    from transition
    inner join presence on presence.delivery_id = transition.delivery_id_after
    left join presence as already
        on already.delivery_id = transition.delivery_id_before and already.procedure_code = presence.procedure_code
    where already.procedure_code is null

),

-- A rename replaces only where the old code went and the new one came; more than one old code may meet in one new.
replaced as (

    select
        gone.delivery_id_after,
        gone.procedure_code as old_code,
        come.procedure_code as new_code,
        renamed.event_code
    from gone
    inner join renamed on renamed.delivery_id = gone.delivery_id_after and renamed.old_code = gone.procedure_code
    inner join come on come.delivery_id_after = gone.delivery_id_after and come.procedure_code = renamed.new_code

),

replacing as (

    select
        delivery_id_after,
        new_code,
        min(old_code) as old_code,
        min(event_code) as event_code
    from replaced
    group by
        delivery_id_after,
        new_code

),

change as (

    select
        gone.delivery_id_after,
        gone.procedure_code,
        gone.competent_unit_code,
        case when replaced.old_code is null then 'abolished' else 'replaced' end as action,
        replaced.new_code as replaced_by_code,
        cast(null as {{ dbt.type_string() }}) as replaces_code,
        replaced.event_code,
        gone.row_number_before,
        cast(null as bigint) as row_number_after
    from gone
    left join replaced
        on replaced.delivery_id_after = gone.delivery_id_after and replaced.old_code = gone.procedure_code
    union all
    select
        come.delivery_id_after,
        come.procedure_code,
        come.competent_unit_code,
        'new' as action,
        cast(null as {{ dbt.type_string() }}) as replaced_by_code,
        replacing.old_code as replaces_code,
        replacing.event_code,
        cast(null as bigint) as row_number_before,
        come.row_number_after
    from come
    left join replacing
        on replacing.delivery_id_after = come.delivery_id_after and replacing.new_code = come.procedure_code
    union all
    select
        transition.delivery_id_after,
        later.procedure_code,
        later.competent_unit_code,
        'amended' as action,
        cast(null as {{ dbt.type_string() }}) as replaced_by_code,
        cast(null as {{ dbt.type_string() }}) as replaces_code,
        cast(null as {{ dbt.type_string() }}) as event_code,
        earlier.row_number as row_number_before,
        later.row_number as row_number_after
    from transition
    inner join presence as later on later.delivery_id = transition.delivery_id_after
    inner join presence as earlier
        on earlier.delivery_id = transition.delivery_id_before and earlier.procedure_code = later.procedure_code
    where later.content_sha1 <> earlier.content_sha1

)

select
    {{ grain_key(['transition.jurisdiction', 'transition.snapshot_after', 'change.procedure_code', 'change.action']) }}
        as catalogue_change_key,
    transition.jurisdiction,
    {{ key_in('transition.jurisdiction', 'change.procedure_code') }} as procedure_key,
    change.action,
    transition.snapshot_after as effective_on,
    {{ key_in('transition.jurisdiction', 'change.competent_unit_code') }} as competent_unit_key,
    {{ key_in('transition.jurisdiction', 'change.replaced_by_code') }} as replaced_by_key,
    {{ key_in('transition.jurisdiction', 'change.replaces_code') }} as replaces_key,
    change.event_code,
    transition.snapshot_before,
    transition.snapshot_after,
    transition.file_sha256_before,
    change.row_number_before,
    transition.file_sha256_after,
    change.row_number_after
from change
inner join transition on transition.delivery_id_after = change.delivery_id_after
