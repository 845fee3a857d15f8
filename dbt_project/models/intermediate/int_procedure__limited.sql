-- The time limit of each procedure as the provincial system's newest list has it, and whether it is another than in the
-- last build. A limit that is there no more stays as a row without one for that build.
with listed as (

    select
        ranked.jurisdiction,
        procedure.procedure_code,
        procedure.time_limit,
        {{ limit_unit('procedure.limit_unit') }} as limit_unit
    from {{ ref('stg_provincial__procedure') }} as procedure
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = procedure.delivery_id and ranked.recency = 1
    where procedure.time_limit is not null and procedure.limit_unit is not null

){% if goes_on() %},

before as (

    select
        jurisdiction,
        procedure_code,
        time_limit,
        limit_unit
    from {{ as_built('intermediate', 'int_procedure__limited') }}
    where time_limit is not null

)

select
    coalesce(listed.jurisdiction, before.jurisdiction) as jurisdiction,
    coalesce(listed.procedure_code, before.procedure_code) as procedure_code,
    listed.time_limit,
    listed.limit_unit,
    (
        listed.time_limit is distinct from before.time_limit or listed.limit_unit is distinct from before.limit_unit
    ) as is_news
from listed
full outer join before
    on before.jurisdiction = listed.jurisdiction and before.procedure_code = listed.procedure_code
{% else %}

select
    jurisdiction,
    procedure_code,
    time_limit,
    limit_unit,
    false as is_news
from listed
{% endif %}
