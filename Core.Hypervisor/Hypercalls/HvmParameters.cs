namespace Hospes.Hypervisor.Hypercalls;

/// <summary>A domain's HVM parameters (fact sheet "Guest ABI", section 9).</summary>
internal sealed class HvmParameters
{
    internal const uint CallbackIrq = 0;
    internal const uint StoreFrame = 1;
    internal const uint StorePort = 2;
    internal const uint ConsoleFrame = 17;
    internal const uint ConsolePort = 18;

    private const uint AcpiIoPortsLocation = 19;
    private const uint Vm86Tss = 15;
    private const uint GenerationIdAddress = 34;
    private const uint X87FipWidth = 36;
    private const uint Vm86TssSized = 37;
    private const int Count = 39;
    private const ulong CallbackTypeVector = 2;

    private readonly ulong[] _values = new ulong[Count];
    private int _callbackVector;

    /// <summary>The vector that event upcalls interrupt with, or 0 while the guest has chosen none (callback type 2).</summary>
    internal int CallbackVector => Volatile.Read(ref _callbackVector);

    /// <summary>A parameter as the hypervisor sets or sees it.</summary>
    internal ulong this[uint index]
    {
        get => Volatile.Read(ref _values[index]);
        set => Volatile.Write(ref _values[index], value);
    }

    /// <summary>The guest reads one.</summary>
    internal long TryGet(uint index, out ulong value)
    {
        value = 0;
        if (index >= Count)
            return Errno.Invalid;
        if (index is not (StoreFrame or ConsoleFrame) && !IsGuestsOwn(index))
            return Errno.NotPermitted;
        value = this[index];
        return 0;
    }

    /// <summary>The guest sets one.</summary>
    internal long TrySet(uint index, ulong value)
    {
        if (index >= Count)
            return Errno.Invalid;
        if (!IsGuestsOwn(index))
            return Errno.NotPermitted;
        this[index] = value;
        if (index == CallbackIrq)
        {
            // Types 0 (GSI) and 1 (PCI INTx) are taken note of; this machine has no interrupt lines to assert.
            Volatile.Write(ref _callbackVector, value >> 56 == CallbackTypeVector ? (int)(value & 0xff) : 0);
        }

        return 0;
    }

    private static bool IsGuestsOwn(uint index) => index is CallbackIrq or StorePort or ConsolePort or Vm86Tss or Vm86TssSized or AcpiIoPortsLocation
        or GenerationIdAddress or X87FipWidth;
}
