with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        mahoso,
        mahosokhac,
        donviid,
        matthc,
        malinhvuc,
        kenhthuchien,
        loaidoituong,
        sogiaytochuhoso,
        trangthaihosoid,
        loaithoigianthuchien,
        mucdo,
        trangthaidongbodvc,
        thoigianthuchien,
        dasohoaketqua,
        taisudungdulieusohoa,
        ngaynophoso,
        ngaytiepnhan,
        hantiepnhan,
        ngayhentra,
        ngayhentrabandau,
        ngayketthucxuly,
        ngaytra,
        ngayyeucaubosung,
        ngaycongdanbosung,
        ngaytuchoi,
        deletedon,
        updatedon
    from {{ source('provincial', 'provincial__dossier') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        mahoso as record_code,
        mahosokhac as other_code,
        donviid as unit_number,
        matthc as procedure_code,
        malinhvuc as field_code,
        kenhthuchien as channel_code,
        loaidoituong as applicant_kind,
        sogiaytochuhoso as applicant_pseudonym,

        -- strings
        trangthaihosoid as status,
        loaithoigianthuchien as limit_unit,
        mucdo as online_level,
        trangthaidongbodvc as sync_state,

        -- numbers
        thoigianthuchien as time_limit,

        -- booleans
        dasohoaketqua as result_digitised,
        taisudungdulieusohoa as data_reused,

        -- instants
        ngaynophoso as submitted_at,
        ngaytiepnhan as received_at,
        hantiepnhan as accept_by,
        ngayhentra as due_at,
        ngayhentrabandau as first_due_at,
        ngayketthucxuly as resolved_at,
        ngaytra as returned_at,
        ngayyeucaubosung as supplement_asked_at,
        ngaycongdanbosung as supplement_came_at,
        ngaytuchoi as refused_at,
        deletedon as deleted_at,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    record_code,
    other_code,
    unit_number,
    procedure_code,
    field_code,
    channel_code,
    applicant_kind,
    applicant_pseudonym,
    status,
    limit_unit,
    online_level,
    sync_state,
    time_limit,
    result_digitised,
    data_reused,
    submitted_at,
    received_at,
    accept_by,
    due_at,
    first_due_at,
    resolved_at,
    returned_at,
    supplement_asked_at,
    supplement_came_at,
    refused_at,
    deleted_at,
    changed_at
from renamed
