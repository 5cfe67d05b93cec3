using Hospes.Hypervisor.Domains;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>hvm_op(cmd, argument) (fact sheet "Guest ABI", sections 4 and 9).</summary>
internal sealed class HvmCalls(Domain domain) : IHypercall
{
    private const byte FirstUsableVector = 16;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        ulong at = frame.Argument2;
        return (uint)frame.Argument1 switch
        {
            0 => SetParameter(caller, at),
            1 => GetParameter(caller, at),
            23 => SetUpcallVector(caller, at),
            _ => Errno.NotImplemented,
        };
    }

    private long SetParameter(GuestCaller caller, ulong at)
    {
        // u16 domid @0, u32 index @4, u64 value @8
        Span<byte> argument = stackalloc byte[16];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!caller.IsSelf(Wire.U16(argument, 0)))
            return Errno.NotPermitted;
        uint index = Wire.U32(argument, 4);
        long result = domain.Parameters.TrySet(index, Wire.U64(argument, 8));
        if (result != 0 || index != HvmParameters.CallbackIrq)
            return result;
        domain.SetWidth(!caller.Is64Bit);

        // What came before the guest chose its vector is still to be delivered.
        foreach (Vcpu vcpu in domain.Vcpus)
        {
            if (vcpu.Events.UpcallPending)
                vcpu.Kick();
        }

        return 0;
    }

    private long GetParameter(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[16];
        if (!caller.TryRead(at, argument[..8]))
            return Errno.BadAddress;
        if (!caller.IsSelf(Wire.U16(argument, 0)))
            return Errno.NotPermitted;
        long result = domain.Parameters.TryGet(Wire.U32(argument, 4), out ulong value);
        if (result != 0)
            return result;
        Wire.U64(argument, 8, value);
        return caller.TryWrite(at + 8, argument[8..]) ? 0 : Errno.BadAddress;
    }

    private long SetUpcallVector(GuestCaller caller, ulong at)
    {
        // u32 vcpu @0, u8 vector @4
        Span<byte> argument = stackalloc byte[8];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        uint vcpu = Wire.U32(argument, 0);
        byte vector = argument[4];
        if (vector < FirstUsableVector)
            return Errno.Invalid;
        if (vcpu >= (uint)domain.Vcpus.Length)
            return Errno.NoEntry;
        domain.Vcpus[vcpu].SetUpcallVector(vector);
        return 0;
    }
}
