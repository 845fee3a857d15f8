-- The tables of a provincial system, as one was seen: mixed-case names, wall-clock times without a zone, applicants'
-- particulars beside the dossier. What the pipeline does not read (ChuHoSo, SoDienThoai, DiaChi …) is here so that a test
-- can ask whether it stays here; every value of it is visibly made up.
create table if not exists "Groups" (
    "Id" bigint primary key,
    "MaDinhDanh" text not null,
    "Ten" text not null,
    "Cap" smallint,
    "ParentId" bigint,
    "MaHanhChinh" text,
    "DiaChi" text generated always as ('Số ' || "Id" || ', đường Thử Nghiệm') stored
);

create table if not exists "ThuTucs" (
    "MaTTHC" text primary key,
    "TenTTHC" text not null,
    "MaLinhVuc" text,
    "TenLinhVuc" text,
    "ThoiGianThucHien" bigint,
    "LoaiThoiGianThucHien" text,
    "LienThong" text,
    "CoQuyTrinhNoiBo" boolean
);
-- Added here and not above: a database of an older make keeps its tables.
alter table "ThuTucs" add column if not exists "DichVuThietYeu" boolean;

create table if not exists "DonViThuTucs" (
    "MaTTHC" text,
    "DonViId" bigint,
    "MucDo" smallint,
    primary key ("MaTTHC", "DonViId")
);

create table if not exists "NgayNghis" (
    "Date" date primary key,
    "Description" text
);

create table if not exists "HoSos" (
    "MaHoSo" text primary key,
    "MaHoSoKhac" text,
    "DonViId" bigint,
    "KenhThucHien" smallint,
    "LoaiDoiTuong" smallint,
    "MaTTHC" text,
    "MaLinhVuc" text,
    "TrangThaiHoSoId" smallint,
    "NgayNopHoSo" timestamp,
    "NgayTiepNhan" timestamp,
    "HanTiepNhan" timestamp,
    "NgayHenTra" timestamp,
    "NgayHenTraBanDau" timestamp,
    "NgayKetThucXuLy" timestamp,
    "NgayTra" timestamp,
    "NgayYeuCauBoSung" timestamp,
    "NgayCongDanBoSung" timestamp,
    "NgayTuChoi" timestamp,
    "ThoiGianThucHien" bigint,
    "LoaiThoiGianThucHien" text,
    "MucDo" smallint,
    "DaSoHoaKetQua" boolean,
    "TrangThaiDongBoDVC" smallint,
    "SoGiayToChuHoSo" text,
    "DeletedOn" timestamp,
    "UpdatedOn" timestamp,
    "ChuHoSo" text generated always as ('Người Thử Nghiệm ' || right("MaHoSo", 4)) stored,
    "SoDienThoai" text generated always as ('0000 ' || right("MaHoSo", 4)) stored,
    "DiaChi" text,
    "Email" text,
    "GhiChu" text
);
alter table "HoSos" add column if not exists "TaiSuDungDuLieuSoHoa" boolean;

create table if not exists "QuaTrinhXuLyHoSos" (
    "Id" bigint primary key,
    "MaHoSo" text not null,
    "ThoiGian" timestamp,
    "TrangThai" smallint,
    "NodeQuyTrinh" text,
    "NguoiNhan" text,
    "ThoiHanBuocXuLy" bigint,
    "NgayHetHanBuocXuLy" timestamp,
    "ThaoTac" text,
    "UpdatedOn" timestamp,
    "NguoiGui" text,
    "GhiChu" text
);

create table if not exists "HoSoBoSungs" (
    "Id" bigint primary key,
    "MaHoSo" text not null,
    "NgayBoSung" timestamp,
    "NgayTiepNhanBoSung" timestamp,
    "NgayHenTraTruoc" timestamp,
    "NgayHenTraMoi" timestamp,
    "TrangThaiBoSung" text,
    "DeletedOn" timestamp,
    "UpdatedOn" timestamp,
    "NoiDungBoSung" text
);

create table if not exists "DuThaoXuLyHoSos" (
    "Id" bigint primary key,
    "MaHoSo" text not null,
    "LoaiDuThao" text,
    "NgayDuThao" timestamp,
    "NgayGui" timestamp,
    "NgayHenTraMoi" timestamp,
    "UpdatedOn" timestamp,
    "NoiDung" text
);

create table if not exists "YeuCauThanhToans" (
    "Id" bigint primary key,
    "MaHoSo" text not null,
    "SoTien" bigint,
    "HinhThuc" smallint,
    "NgayThanhToan" timestamp,
    "UpdatedOn" timestamp
);

create table if not exists "DanhGiaHoSos" (
    "Id" bigint primary key,
    "MaHoSo" text not null,
    "MucDoHaiLong" smallint,
    "KenhDanhGia" smallint,
    "NgayDanhGia" timestamp,
    "SoDienThoai" text,
    "UpdatedOn" timestamp,
    "YKien" text generated always as ('Ý kiến của Người Thử Nghiệm ' || "Id") stored
);

create table if not exists "PhanAnhKienNghis" (
    "Id" bigint primary key,
    "MaPAKN" text not null,
    "MaHoSo" text,
    "DonViId" bigint,
    "KenhTiepNhan" smallint,
    "NgayTiepNhan" timestamp,
    "HanTraLoi" timestamp,
    "NgayTraLoi" timestamp,
    "HaiLong" boolean,
    "SoDienThoai" text,
    "UpdatedOn" timestamp,
    "NguoiGui" text generated always as ('Người Thử Nghiệm ' || "Id") stored,
    "NoiDung" text generated always as ('Phản ánh của Người Thử Nghiệm ' || "Id") stored
);

create table if not exists "TrangThaiNap" (
    "Bang" text primary key,
    "Sha256" text not null
);
comment on table "TrangThaiNap" is 'The stand-in''s own: which generated file each table was last filled from.';
