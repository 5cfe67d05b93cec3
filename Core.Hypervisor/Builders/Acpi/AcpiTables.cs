using System.Buffers.Binary;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Builders.Acpi;

/// <summary>
/// All tables a PVH guest gets, as one block of bytes for one place in guest memory: DSDT, FADT, MADT, XSDT, and in a page of its own the RSDP that
/// leads to them (fact sheet "Guest ABI", section 1.4; ACPI 5.0, section 5.2).
/// </summary>
internal sealed class AcpiTables
{
    /// <summary>Where the tables go.</summary>
    public static readonly GuestPhysical Base = new(0xfc00_1000);

    /// <summary>The most vCPUs that can be described: APIC ids are 8 bits, even, and 0xff addresses all.</summary>
    public const int MaximumVcpus = 128;

    private const int PageSize = 4096;
    private const int Alignment = 64;
    private const int RsdpSize = 36;
    private const int RsdpVersion1Size = 20;

    private AcpiTables(byte[] bytes, int rsdpOffset)
    {
        Bytes = bytes;
        Rsdp = new GuestPhysical(Base.Address + (ulong)rsdpOffset);
    }

    /// <summary>What goes to <see cref="Base"/>; whole pages.</summary>
    public byte[] Bytes { get; }

    /// <summary>Where the guest begins to read.</summary>
    public GuestPhysical Rsdp { get; }

    /// <summary>The tables for a guest with <paramref name="vcpus"/> vCPUs.</summary>
    public static AcpiTables Build(int vcpus)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vcpus, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vcpus, MaximumVcpus);
        List<byte> block = [];
        uint dsdt = Append(block, Dsdt.Build(vcpus));
        uint fadt = Append(block, Fadt.Build(dsdt));
        uint madt = Append(block, Madt.Build(vcpus));
        uint xsdt = Append(block, BuildXsdt(fadt, madt));
        int rsdpOffset = (block.Count + PageSize - 1) / PageSize * PageSize;
        byte[] bytes = new byte[rsdpOffset + PageSize];
        block.CopyTo(bytes);
        WriteRsdp(bytes.AsSpan(rsdpOffset, RsdpSize), xsdt);
        return new AcpiTables(bytes, rsdpOffset);
    }

    private static uint Append(List<byte> block, byte[] table)
    {
        while (block.Count % Alignment != 0)
            block.Add(0);
        uint address = (uint)Base.Address + (uint)block.Count;
        block.AddRange(table);
        return address;
    }

    private static byte[] BuildXsdt(params ReadOnlySpan<uint> tables)
    {
        byte[] table = new byte[AcpiTable.HeaderSize + (8 * tables.Length)];
        for (int index = 0; index < tables.Length; index++)
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(AcpiTable.HeaderSize + (8 * index)), tables[index]);
        return AcpiTable.Finish(table, "XSDT", revision: 1);
    }

    private static void WriteRsdp(Span<byte> rsdp, uint xsdt)
    {
        "RSD PTR "u8.CopyTo(rsdp);
        "Hospes"u8.CopyTo(rsdp[9..]);
        rsdp[15] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(rsdp[20..], RsdpSize);
        BinaryPrimitives.WriteUInt64LittleEndian(rsdp[24..], xsdt);
        rsdp[8] = AcpiTable.Checksum(rsdp[..RsdpVersion1Size]);
        rsdp[32] = AcpiTable.Checksum(rsdp);
    }
}
