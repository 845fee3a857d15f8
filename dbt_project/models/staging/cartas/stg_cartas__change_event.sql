with source as (

    select
        _delivery_id,
        _row_number,
        commit,
        at,
        portal_action,
        service_id,
        new_service_id
    from {{ source('cartas', 'cartas__change_event') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        commit as event_code,
        service_id as procedure_code,
        new_service_id as new_procedure_code,

        -- strings
        case portal_action
            when 'Cria' then 'create'
            when 'Altera' then 'alter'
            when 'Despublica' then 'withdraw'
            when 'Remove' then 'remove'
            when 'Renomeia' then 'rename'
        end as action,

        -- instants
        at as happened_at
    from source

)

select
    delivery_id,
    row_number,
    event_code,
    procedure_code,
    new_procedure_code,
    action,
    happened_at
from renamed
