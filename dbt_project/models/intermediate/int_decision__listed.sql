-- The lines of the publication decisions: decision × procedure, and what it does to it. A decision's head and lists
-- stand in one file and are found together by its bytes; of two files of one decision the newer counts.
with delivery as (

    select
        delivery_id,
        jurisdiction,
        zone,
        version,
        file_sha256,
        stream
    from {{ ref('int_delivery__ranked') }}
    where source = 'decisions'

),

head as (

    select
        delivery.jurisdiction,
        delivery.zone,
        delivery.file_sha256,
        head.decision_code,
        head.signed_on,
        head.effective_on,
        head.issuer,
        row_number() over (
            partition by delivery.jurisdiction, head.decision_code
            order by delivery.version desc, delivery.file_sha256 desc, head.row_number asc
        ) as recency
    from {{ ref('stg_decisions__head') }} as head
    inner join delivery on delivery.delivery_id = head.delivery_id

),

line as (

    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        'new' as action,
        cast(null as {{ dbt.type_string() }}) as replaced_by_code
    from {{ ref('stg_decisions__new_procedure') }}
    union all
    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        case when new_procedure_code is not null then 'replaced' else 'amended' end as action,
        new_procedure_code as replaced_by_code
    from {{ ref('stg_decisions__amended_procedure') }}
    union all
    select
        delivery_id,
        row_number,
        row_sha256,
        procedure_code,
        procedure_name,
        'abolished' as action,
        cast(null as {{ dbt.type_string() }}) as replaced_by_code
    from {{ ref('stg_decisions__abolished_procedure') }}

),

-- A new procedure may have no national code yet on the day of signing. Later it is in the provincial system under the
-- name the decision gave it; a name that two procedures bear gives no code.
named as (

    select
        ranked.jurisdiction,
        procedure.procedure_name,
        min(procedure.procedure_code) as procedure_code
    from {{ ref('stg_provincial__procedure') }} as procedure
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = procedure.delivery_id and ranked.recency = 1
    group by
        ranked.jurisdiction,
        procedure.procedure_name
    having count(*) = 1

)

select
    head.jurisdiction,
    head.zone,
    head.decision_code,
    head.signed_on,
    head.effective_on,
    head.issuer,
    line.action,
    coalesce(line.procedure_code, named.procedure_code) as procedure_code,
    case
        when line.procedure_code is not null then 'decision'
        when named.procedure_code is not null then 'name'
    end as coded_by,
    line.procedure_name,
    line.replaced_by_code,
    head.file_sha256,
    line.row_number,
    line.row_sha256
from head
inner join delivery on delivery.jurisdiction = head.jurisdiction and delivery.file_sha256 = head.file_sha256
inner join line on line.delivery_id = delivery.delivery_id
left join named
    on
        named.jurisdiction = head.jurisdiction
        and named.procedure_name = line.procedure_name
        and line.procedure_code is null
where head.recency = 1
