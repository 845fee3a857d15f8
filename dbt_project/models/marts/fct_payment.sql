-- Requests for payment of the provincial system. A payment recorded again under another number is kept, and counted
-- apart.
with version as (

    select
        ranked.jurisdiction,
        ranked.zone,
        ranked.source,
        ranked.file_sha256,
        payment.row_number,
        payment.row_sha256,
        payment.request_number,
        payment.record_code,
        payment.way,
        payment.amount,
        payment.paid_at,
        row_number() over (
            partition by ranked.jurisdiction, ranked.source, payment.request_number
            order by payment.changed_at desc, payment.row_sha256 desc, ranked.file_sha256 desc, payment.row_number asc
        ) as recency
    from {{ ref('stg_provincial__payment') }} as payment
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = payment.delivery_id

),

payment as (

    select
        jurisdiction,
        zone,
        source,
        file_sha256,
        row_number,
        row_sha256,
        request_number,
        record_code,
        way,
        amount,
        paid_at,
        -- One dossier does not pay the same sum in the same way twice in one instant.
        row_number() over (
            partition by jurisdiction, source, record_code, amount, way, paid_at
            order by request_number asc, file_sha256 asc, row_number asc
        ) as place
    from version
    where recency = 1

)

select
    {{ grain_key(['payment.jurisdiction', 'payment.source', 'payment.request_number']) }} as payment_key,
    payment.jurisdiction,
    payment.request_number,
    dossier.dossier_key,
    dossier.unit_key,
    dossier.procedure_key,
    payment.amount,
    payment.way,
    payment.paid_at,
    {{ local_date('payment.paid_at', 'payment.zone') }} as paid_on,
    coalesce(payment.paid_at < jurisdiction.as_of, false) as is_paid,
    payment.paid_at is not null and payment.place > 1 as is_repetition,
    dossier.received_month,
    payment.source,
    payment.file_sha256,
    payment.row_number,
    payment.row_sha256
from payment
inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
    on jurisdiction.jurisdiction = payment.jurisdiction
left join {{ ref('int_dossier__in_province') }} as dossier
    on dossier.jurisdiction = payment.jurisdiction and dossier.record_code = payment.record_code
