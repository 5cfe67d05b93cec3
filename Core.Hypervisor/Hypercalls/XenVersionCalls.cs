using System.Text;
using Hospes.Hypervisor.Cpu;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>xen_version(cmd, buffer) (fact sheet "Guest ABI", sections 4 and 5).</summary>
internal sealed class XenVersionCalls : IHypercall
{
    // Submap 0: writable_page_tables, auto_translated_physmap, pae_pgdir_above_4gb, hvm_callback_vector, hvm_safe_pvclock.
    private const uint Features = (1 << 0) | (1 << 2) | (1 << 4) | (1 << 8) | (1 << 9);

    private readonly byte[] _extra = Text(16, XenVersion.Extra);
    private readonly byte[] _compileInfo = [.. Text(64, ".NET 10"), .. Text(16, "hospes"), .. Text(32, "localdomain"), .. Text(32, "")];
    private readonly byte[] _capabilities = Text(1024, XenVersion.Capabilities);
    private readonly byte[] _changeset = Text(64, XenVersion.Changeset);
    private readonly byte[] _commandLine = Text(1024, "");
    private readonly byte[] _handle;

    internal XenVersionCalls(Domain domain) => _handle = domain.Configuration.Uuid.ToByteArray(bigEndian: true);

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        ulong buffer = frame.Argument2;
        switch ((uint)frame.Argument1)
        {
            case 0:
                return XenVersion.Packed;
            case 1:
                return Answer(caller, buffer, _extra);
            case 2:
                return Answer(caller, buffer, _compileInfo);
            case 3:
                return Answer(caller, buffer, _capabilities);
            case 4:
                return Answer(caller, buffer, _changeset);
            case 5:
                // virt_start, one word: no part of the guest's address space is the hypervisor's.
                Span<byte> none = stackalloc byte[8];
                none.Clear();
                return Answer(caller, buffer, none[..(caller.Is64Bit ? 8 : 4)]);
            case 6:
                return GetFeatures(caller, buffer);
            case 7:
                return GuestMemory.FrameSize;
            case 8:
                return Answer(caller, buffer, _handle);
            case 9:
                return Answer(caller, buffer, _commandLine);
            case 10:
                return Errno.NoData;
            default:
                return Errno.NotImplemented;
        }
    }

    private static long GetFeatures(GuestCaller caller, ulong buffer)
    {
        if (!caller.TryReadU32(buffer, out uint submap))
            return Errno.BadAddress;
        if (submap != 0)
            return Errno.Invalid;
        return caller.TryWriteU32(buffer + 4, Features) ? 0 : Errno.BadAddress;
    }

    private static long Answer(GuestCaller caller, ulong buffer, ReadOnlySpan<byte> content) => caller.TryWrite(buffer, content) ? 0 : Errno.BadAddress;

    private static byte[] Text(int size, string text)
    {
        byte[] field = new byte[size];
        Encoding.ASCII.GetBytes(text, field.AsSpan(0, size - 1));
        return field;
    }
}
