with ticket as (

    select
        ranked.jurisdiction,
        ranked.file_sha256,
        ticket.row_number,
        ticket.row_sha256,
        ticket.visited_on,
        ticket.ticket_number,
        ticket.counter,
        ticket.drawn_at,
        ticket.called_at,
        ticket.served_at,
        row_number() over (
            partition by ranked.jurisdiction, ticket.visited_on, ticket.ticket_number
            order by ranked.version desc, ranked.file_sha256 desc, ticket.row_number asc
        ) as recency
    from {{ ref('stg_centre__ticket') }} as ticket
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = ticket.delivery_id

)

select
    {{ grain_key(['jurisdiction', 'visited_on', 'ticket_number']) }} as visit_key,
    jurisdiction,
    visited_on,
    ticket_number,
    counter,
    drawn_at,
    called_at,
    served_at,
    file_sha256,
    row_number,
    row_sha256
from ticket
where recency = 1
