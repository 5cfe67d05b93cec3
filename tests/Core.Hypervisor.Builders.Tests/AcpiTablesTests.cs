using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Hospes.Hypervisor.Builders.Acpi;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class AcpiTablesTests
{
    [Fact]
    public void The_rsdp_leads_to_every_table_and_all_sums_are_right()
    {
        AcpiTables tables = AcpiTables.Build(2);

        Dictionary<string, byte[]> found = Walk(tables);

        found.Keys.Should().BeEquivalentTo("XSDT", "FACP", "APIC", "DSDT");
        found.Values.Should().OnlyContain(table => Sum(table) == 0);
        (tables.Bytes.Length % 4096).Should().Be(0);
        (tables.Rsdp.Address % 4096).Should().Be(0, "the RSDP is in a page of its own");
    }

    [Fact]
    public void The_fadt_says_what_a_pvh_guest_lacks()
    {
        byte[] fadt = Walk(AcpiTables.Build(1))["FACP"];

        fadt[8].Should().Be(5, "revision");
        fadt.Should().HaveCount(268);
        int bootArchitecture = BinaryPrimitives.ReadUInt16LittleEndian(fadt.AsSpan(109));
        bootArchitecture.Should().Be(0b10_0100, "no VGA, no CMOS clock, no legacy devices, no keyboard controller");
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(fadt.AsSpan(112));
        (flags & 0x30).Should().Be(0x30, "neither button is a fixed one");
        (flags & (1 << 20)).Should().NotBe(0, "there is no ACPI hardware at all");
        BinaryPrimitives.ReadUInt32LittleEndian(fadt.AsSpan(76)).Should().Be(0, "no PM timer");
        BinaryPrimitives.ReadUInt32LittleEndian(fadt.AsSpan(40)).Should().Be((uint)BinaryPrimitives.ReadUInt64LittleEndian(fadt.AsSpan(140)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(128)]
    public void The_madt_has_one_local_apic_per_vcpu_and_nothing_else(int vcpus)
    {
        byte[] madt = Walk(AcpiTables.Build(vcpus))["APIC"];

        BinaryPrimitives.ReadUInt32LittleEndian(madt.AsSpan(36)).Should().Be(0xfee0_0000);
        BinaryPrimitives.ReadUInt32LittleEndian(madt.AsSpan(40)).Should().Be(0, "there is no 8259");
        madt.Length.Should().Be(44 + (8 * vcpus));
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
            madt[(44 + (8 * vcpu))..(52 + (8 * vcpu))].Should().Equal(0, 8, (byte)vcpu, (byte)(2 * vcpu), 1, 0, 0, 0);
    }

    [Fact]
    public void One_processor_is_the_worked_example() =>
        Convert.ToHexStringLower(Walk(AcpiTables.Build(1))["DSDT"][36..]).Should().Be("10125f53425f5b830b50523030000000000000");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(128)]
    public void The_dsdt_declares_each_processor(int vcpus)
    {
        byte[] aml = Walk(AcpiTables.Build(vcpus))["DSDT"][36..];

        aml[0].Should().Be(0x10, "ScopeOp");
        ReadOnlySpan<byte> scope = Package(aml.AsSpan(1), out int end);
        end.Should().Be(aml.Length - 1, "the scope is all there is, so there is no \\_S5");
        scope[..4].ToArray().Should().Equal("_SB_"u8.ToArray());
        scope = scope[4..];
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            scope[..2].ToArray().Should().Equal(0x5b, 0x83);
            ReadOnlySpan<byte> processor = Package(scope[2..], out int length);
            Encoding.ASCII.GetString(processor[..4]).Should().Be($"PR{vcpu:X2}");
            processor[4..].ToArray().Should().Equal((byte)vcpu, 0, 0, 0, 0, 0);
            scope = scope[(2 + length)..];
        }

        scope.Length.Should().Be(0);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(128)]
    public void The_reference_compiler_reads_every_table(int vcpus)
    {
        Skip.IfNot(CommandTool.IsInstalled("iasl"), "iasl (package acpica-tools) is not installed");
        using var files = new TemporaryDirectory();
        Dictionary<string, byte[]> tables = Walk(AcpiTables.Build(vcpus));
        foreach ((string name, byte[] table) in tables)
        {
            string path = files.Write($"{name}.aml", table);
            Disassemble(path);
            string source = File.ReadAllText(Path.ChangeExtension(path, ".dsl"));
            source.Should().NotContain("Incorrect checksum");

            // Of a FADT iasl wants revision 6's last field in revision 5 too, which ends before it (ACPI 5.0, table 5-34: 268 bytes).
            if (name == "FACP")
                source.Should().Contain("Sleep Status Register").And.MatchRegex("VGA Not Present .*: 1").And.MatchRegex("CMOS RTC Not Present .*: 1");
            else
                source.Should().NotContain("**** ");
            if (name == "DSDT")
                source.Split("Processor (PR").Should().HaveCount(vcpus + 1);
        }

        // What it makes of its own reading of the DSDT has to be the same code again.
        Run("iasl", "-p", Path.Combine(files.Path, "again"), Path.Combine(files.Path, "DSDT.dsl")).Should().Be(0);
        File.ReadAllBytes(Path.Combine(files.Path, "again.aml"))[36..].Should().Equal(tables["DSDT"][36..]);
    }

    private static void Disassemble(string path) => Run("iasl", "-d", path).Should().Be(0);

    private static int Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode;
    }

    // Follows the addresses as a guest's ACPI code does.
    private static Dictionary<string, byte[]> Walk(AcpiTables tables)
    {
        byte[] rsdp = At(tables, tables.Rsdp.Address, 36);
        rsdp[..8].Should().Equal("RSD PTR "u8.ToArray());
        Sum(rsdp[..20]).Should().Be(0);
        Sum(rsdp).Should().Be(0);
        rsdp[15].Should().Be(2);
        BinaryPrimitives.ReadInt32LittleEndian(rsdp.AsSpan(20)).Should().Be(36);

        Dictionary<string, byte[]> found = new(StringComparer.Ordinal);
        byte[] xsdt = Add(BinaryPrimitives.ReadUInt64LittleEndian(rsdp.AsSpan(24)));
        for (int at = 36; at < xsdt.Length; at += 8)
            Add(BinaryPrimitives.ReadUInt64LittleEndian(xsdt.AsSpan(at)));
        Add(BinaryPrimitives.ReadUInt64LittleEndian(found["FACP"].AsSpan(140)));
        return found;

        byte[] Add(ulong address)
        {
            byte[] header = At(tables, address, 36);
            byte[] table = At(tables, address, BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)));
            found.Add(Encoding.ASCII.GetString(header, 0, 4), table);
            return table;
        }
    }

    private static byte[] At(AcpiTables tables, ulong address, int count) => tables.Bytes.AsSpan((int)(address - AcpiTables.Base.Address), count).ToArray();

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
            sum += value;
        return sum;
    }

    private static ReadOnlySpan<byte> Package(ReadOnlySpan<byte> at, out int length)
    {
        int more = at[0] >> 6;
        length = more == 0 ? at[0] : (at[0] & 0xf) | (at[1] << 4);
        return at[(1 + more)..length];
    }
}
