using System.Buffers.Binary;

namespace Hospes.Hypervisor.Builders.Acpi;

/// <summary>
/// The table of interrupt controllers (ACPI 5.0, section 5.2.12): one local APIC per vCPU and nothing else. The processor id is the vCPU's number,
/// by which Linux addresses it in hypercalls; the APIC id is twice that (fact sheet "Guest ABI", section 1.4).
/// </summary>
internal static class Madt
{
    /// <summary>Where every local APIC is mapped.</summary>
    public const uint LocalApicBase = 0xfee0_0000;

    private const int EntrySize = 8;
    private const byte LocalApicType = 0;

    /// <summary>The table for <paramref name="vcpus"/> vCPUs.</summary>
    public static byte[] Build(int vcpus)
    {
        byte[] table = new byte[AcpiTable.HeaderSize + 8 + (vcpus * EntrySize)];
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(AcpiTable.HeaderSize), LocalApicBase);
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            Span<byte> entry = table.AsSpan(AcpiTable.HeaderSize + 8 + (vcpu * EntrySize), EntrySize);
            entry[0] = LocalApicType;
            entry[1] = EntrySize;
            entry[2] = (byte)vcpu;
            entry[3] = (byte)(2 * vcpu);
            entry[4] = 1; // Enabled.
        }

        return AcpiTable.Finish(table, "APIC", revision: 3);
    }
}
