with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        mahoso,
        matthc,
        malinhvuc,
        kenhthuchien,
        loaidoituong,
        sogiaytochuhoso,
        trangthaihoso,
        donvixuly,
        hosocothanhphansohoa,
        taikhoanduocxacthucvoivneid,
        duocthanhtoantructuyen,
        dsketnoicsdl,
        ngaynophoso,
        ngaytiepnhan,
        ngayhentra,
        ngayketthucxuly,
        ngaytra,
        ngaytuchoi,
        ngaycapnhat
    from {{ source('portal', 'portal__dossier') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        mahoso as record_code,
        matthc as procedure_code,
        malinhvuc as field_code,
        kenhthuchien as channel_code,
        loaidoituong as applicant_kind,
        sogiaytochuhoso as applicant_pseudonym,

        -- strings
        trangthaihoso as status,
        donvixuly as unit_name,
        hosocothanhphansohoa as digitised_parts,
        taikhoanduocxacthucvoivneid as verified_account,
        duocthanhtoantructuyen as paid_online,
        {{ code_list('dsketnoicsdl') }} as asked_databases,

        -- instants
        ngaynophoso as submitted_at,
        ngaytiepnhan as received_at,
        ngayhentra as due_at,
        ngayketthucxuly as resolved_at,
        ngaytra as returned_at,
        ngaytuchoi as refused_at,
        ngaycapnhat as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    record_code,
    procedure_code,
    field_code,
    channel_code,
    applicant_kind,
    applicant_pseudonym,
    status,
    unit_name,
    digitised_parts,
    verified_account,
    paid_online,
    asked_databases,
    submitted_at,
    received_at,
    due_at,
    resolved_at,
    returned_at,
    refused_at,
    changed_at
from renamed
