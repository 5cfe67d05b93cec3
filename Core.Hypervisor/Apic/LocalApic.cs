using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Apic;

/// <summary>
/// A vCPU's local APIC: the memory-mapped page at 0xfee00000, the same registers as MSRs in x2APIC mode, and IA32_APIC_BASE that chooses between them
/// (Intel SDM volume 3, "Advanced Programmable Interrupt Controller" and "Extended xAPIC (x2APIC)").
/// </summary>
/// <remarks>Registers belong to the vCPU's thread; <see cref="Raise"/>, <see cref="Accept"/> and <see cref="Matches"/> may come from any.</remarks>
internal sealed class LocalApic
{
    /// <summary>Where the page lies; it cannot be moved.</summary>
    internal const ulong PageAddress = 0xfee0_0000;

    private const ulong BaseBootProcessor = 1 << 8;
    private const ulong BaseX2 = 1 << 10;
    private const ulong BaseEnable = 1 << 11;
    private const uint SoftwareEnable = 1 << 8;
    private const uint LvtMasked = 1 << 16;
    private const uint LvtPeriodic = 1 << 17;
    private const uint SentIllegalVector = 1 << 5;
    private const uint ReceivedIllegalVector = 1 << 6;
    private const uint IllegalRegister = 1 << 7;

    // Vector, mode, destination mode, level, trigger, shorthand; delivery is at once, so the status bit always reads 0.
    private const uint CommandBits = 0x000c_cfff;

    // Version 0x14 with six local vector entries (highest index 5), no end-of-interrupt broadcast suppression.
    private const uint VersionValue = 0x0005_0014;

    private readonly InterruptQueue _queue = new();
    private readonly ApicTimer _timer;
    private readonly IApicHost _host;
    private readonly uint[] _lvt = new uint[6];
    private readonly uint _id;
    private readonly bool _isBootProcessor;
    private ApicBus? _bus;
    private ulong _base;
    private uint _logicalDestination;
    private uint _destinationFormat;
    private uint _spurious;
    private uint _errors;
    private uint _errorStatus;
    private uint _commandLow;
    private uint _commandHigh;

    internal LocalApic(uint id, bool isBootProcessor, IClock clock, TimerQueue timers, IApicHost host)
    {
        _id = id;
        _isBootProcessor = isBootProcessor;
        _host = host;
        _timer = new ApicTimer(clock, timers, TimerElapsed);
        _base = PageAddress | BaseEnable | (isBootProcessor ? BaseBootProcessor : 0);
        ResetRegisters();
    }

    /// <summary>The APIC's number; the domain's ACPI tables and CPUID give the same.</summary>
    internal uint Id => _id;

    /// <summary>IA32_APIC_BASE.</summary>
    internal ulong Base => Volatile.Read(ref _base);

    /// <summary>IA32_APIC_BASE enables it.</summary>
    internal bool IsEnabled => (Base & BaseEnable) != 0;

    /// <summary>In x2APIC mode.</summary>
    internal bool IsX2 => (Base & BaseX2) != 0;

    /// <summary>Its timer, as the queue keeps it.</summary>
    internal GuestTimer Timer => _timer.Timer;

    /// <summary>When its timer ends next.</summary>
    internal Nanoseconds TimerDeadline => _timer.Deadline;

    /// <summary>CR8.</summary>
    internal byte TaskPriorityClass
    {
        get => (byte)(_queue.TaskPriority >> 4);
        set => SetTaskPriority((byte)(value << 4));
    }

    /// <summary>True when the guest would be interrupted, were it to allow it.</summary>
    internal bool HasDeliverable => IsAccepting && _queue.HasDeliverable;

    private bool IsAccepting => IsEnabled && (Volatile.Read(ref _spurious) & SoftwareEnable) != 0;

    /// <summary>Joins the others.</summary>
    internal void Connect(ApicBus bus) => _bus = bus;

    /// <summary>Requests a vector, edge-triggered. Held while the APIC is disabled by software, delivered once it is enabled.</summary>
    internal void Raise(byte vector)
    {
        _queue.Raise(vector);
        _host.InterruptRaised();
    }

    /// <summary>The next vector to deliver, or -1.</summary>
    internal int Acknowledge() => IsAccepting ? _queue.Acknowledge() : -1;

    /// <summary>A message from the bus.</summary>
    internal void Accept(DeliveryMode mode, byte vector)
    {
        if (!IsEnabled)
            return;
        switch (mode)
        {
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority when vector < 16:
                Interlocked.Or(ref _errors, ReceivedIllegalVector);
                break;
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority:
                if (IsAccepting)
                    Raise(vector);
                break;
            case DeliveryMode.NonMaskable:
                _host.RaiseNmi();
                break;
            case DeliveryMode.Init:
                _host.Reset();
                break;
            case DeliveryMode.StartUp:
                _host.StartAt(vector);
                break;
        }
    }

    /// <summary>Whether a destination means this APIC.</summary>
    internal bool Matches(uint destination, bool logical)
    {
        if (!logical)
            return destination == _id;
        uint own = LogicalDestination;
        if (IsX2)
            return destination >> 16 == own >> 16 && (destination & own & 0xffff) != 0;
        uint set = own >> 24;
        return Volatile.Read(ref _destinationFormat) >> 28 == 0xf
            ? (destination & set & 0xff) != 0
            : (destination & 0xf0) == (set & 0xf0) && (destination & set & 0xf) != 0;
    }

    /// <summary>INIT: everything but the number and the base register. On the vCPU's thread.</summary>
    internal void Reset() => ResetRegisters();

    /// <summary>Writes IA32_APIC_BASE. False: #GP, for a move of the page or a change of mode that does not exist.</summary>
    internal bool TrySetBase(ulong value)
    {
        const ulong Changeable = BaseX2 | BaseEnable;
        if ((value & ~Changeable) != (PageAddress | (_isBootProcessor ? BaseBootProcessor : 0)))
            return false;
        bool enable = (value & BaseEnable) != 0;
        bool x2 = (value & BaseX2) != 0;
        bool leavesX2ForX = IsX2 && enable && !x2;
        bool entersX2FromDisabled = !IsEnabled && enable && x2;
        if ((x2 && !enable) || leavesX2ForX || entersX2FromDisabled)
            return false;
        if (IsEnabled && !enable)
            ResetRegisters();
        Volatile.Write(ref _base, value);
        return true;
    }

    /// <summary>A read of the memory-mapped page. Registers are 32 bits wide, 16 bytes apart; what lies between reads as 0.</summary>
    internal ulong ReadPage(int offset, int size)
    {
        int within = offset & 0xf;
        if (within + size > 4 && size != 8)
            return 0;
        uint value = within >= 4 ? 0 : Read(offset >> 4) >> (within * 8);
        return size >= 4 ? value : value & ((1u << (size * 8)) - 1);
    }

    /// <summary>A write to the memory-mapped page. Only aligned 32-bit writes are architectural; others are ignored.</summary>
    internal void WritePage(int offset, int size, ulong value)
    {
        if ((offset & 0xf) == 0 && size >= 4)
            Write(offset >> 4, (uint)value);
    }

    /// <summary>RDMSR of 0x800 + register. False: #GP.</summary>
    internal bool TryReadMsr(int register, out ulong value)
    {
        value = 0;
        if (!IsX2)
            return false;
        switch (register)
        {
            case ApicRegister.CommandLow:
                value = _commandLow | ((ulong)_commandHigh << 32);
                return true;
            case ApicRegister.EndOfInterrupt or ApicRegister.SelfInterrupt or ApicRegister.CommandHigh or ApicRegister.DestinationFormat
                or ApicRegister.ArbitrationPriority:
                return false;
            default:
                value = Read(register);
                return IsImplemented(register);
        }
    }

    /// <summary>WRMSR of 0x800 + register. False: #GP, for a register that is not there or cannot be written, and for reserved bits.</summary>
    internal bool TryWriteMsr(int register, ulong value)
    {
        if (!IsX2)
            return false;
        if (register == ApicRegister.EndOfInterrupt)
        {
            if (value != 0)
                return false;
            EndOfInterrupt();
            return true;
        }

        if (register == ApicRegister.CommandLow)
        {
            _commandLow = (uint)value & CommandBits;
            _commandHigh = (uint)(value >> 32);
            SendCommand();
            return true;
        }

        if (register == ApicRegister.SelfInterrupt)
        {
            if (value > 0xff)
                return false;
            _bus?.Send(this, new InterruptMessage(DeliveryMode.Fixed, (byte)value, 0, IsLogical: false, IsBroadcast: false, Shorthand: 1));
            return true;
        }

        bool writable = register is ApicRegister.TaskPriority or ApicRegister.SpuriousVector or ApicRegister.ErrorStatus or ApicRegister.InitialCount
            or ApicRegister.DivideConfiguration or (>= ApicRegister.LvtTimer and <= ApicRegister.LvtError);
        if (!writable || value > uint.MaxValue || (register == ApicRegister.ErrorStatus && value != 0)
            || (register == ApicRegister.TaskPriority && value > 0xff))
            return false;
        Write(register, (uint)value);
        return true;
    }

    private static bool IsImplemented(int register) => register is ApicRegister.Id or ApicRegister.Version or ApicRegister.TaskPriority
        or ApicRegister.ProcessorPriority or ApicRegister.LogicalDestination or ApicRegister.SpuriousVector
        or (>= ApicRegister.InService and <= ApicRegister.ErrorStatus) or (>= ApicRegister.LvtTimer and <= ApicRegister.CurrentCount)
        or ApicRegister.DivideConfiguration;

    private uint LogicalDestination => IsX2 ? ((_id >> 4) << 16) | (1u << (int)(_id & 0xf)) : Volatile.Read(ref _logicalDestination);

    private uint Read(int register) => register switch
    {
        ApicRegister.Id => IsX2 ? _id : _id << 24,
        ApicRegister.Version => VersionValue,
        ApicRegister.TaskPriority => _queue.TaskPriority,
        ApicRegister.ArbitrationPriority or ApicRegister.ProcessorPriority => _queue.ProcessorPriority,
        ApicRegister.LogicalDestination => LogicalDestination,
        ApicRegister.DestinationFormat => _destinationFormat,
        ApicRegister.SpuriousVector => _spurious,
        >= ApicRegister.InService and < ApicRegister.InService + 8 => _queue.InServiceWord(register - ApicRegister.InService),

        // All sources here are edge-triggered.
        >= ApicRegister.TriggerMode and < ApicRegister.TriggerMode + 8 => 0,
        >= ApicRegister.Request and < ApicRegister.Request + 8 => _queue.RequestWord(register - ApicRegister.Request),
        ApicRegister.ErrorStatus => _errorStatus,
        ApicRegister.CommandLow => _commandLow,
        ApicRegister.CommandHigh => _commandHigh,
        >= ApicRegister.LvtTimer and <= ApicRegister.LvtError => _lvt[register - ApicRegister.LvtTimer],
        ApicRegister.InitialCount => _timer.InitialCount,
        ApicRegister.CurrentCount => _timer.CurrentCount,
        ApicRegister.DivideConfiguration => _timer.DivideConfiguration,
        _ => ReadAbsent(),
    };

    private uint ReadAbsent()
    {
        Interlocked.Or(ref _errors, IllegalRegister);
        return 0;
    }

    private void Write(int register, uint value)
    {
        switch (register)
        {
            case ApicRegister.TaskPriority:
                SetTaskPriority((byte)value);
                break;
            case ApicRegister.EndOfInterrupt:
                EndOfInterrupt();
                break;
            case ApicRegister.LogicalDestination:
                Volatile.Write(ref _logicalDestination, value & 0xff00_0000);
                break;
            case ApicRegister.DestinationFormat:
                Volatile.Write(ref _destinationFormat, value | 0x0fff_ffff);
                break;
            case ApicRegister.SpuriousVector:
                SetSpurious(value);
                break;
            case ApicRegister.ErrorStatus:
                _errorStatus = Interlocked.Exchange(ref _errors, 0);
                break;
            case ApicRegister.CommandLow:
                _commandLow = value & CommandBits;
                SendCommand();
                break;
            case ApicRegister.CommandHigh:
                _commandHigh = value;
                break;
            case >= ApicRegister.LvtTimer and <= ApicRegister.LvtError:
                SetLocalVector(register, value);
                break;
            case ApicRegister.InitialCount:
                _timer.Start(value, (_lvt[0] & LvtPeriodic) != 0);
                break;
            case ApicRegister.DivideConfiguration:
                _timer.SetDivide(value);
                break;
            default:
                // Read-only and absent registers alike.
                Interlocked.Or(ref _errors, IllegalRegister);
                break;
        }
    }

    private void SetTaskPriority(byte value)
    {
        _queue.TaskPriority = value;
        LookAgain();
    }

    private void EndOfInterrupt()
    {
        _queue.EndOfInterrupt();
        LookAgain();
    }

    private void SetSpurious(uint value)
    {
        Volatile.Write(ref _spurious, value & 0x1ff);
        if ((value & SoftwareEnable) == 0)
        {
            foreach (ref uint entry in _lvt.AsSpan())
                Interlocked.Or(ref entry, LvtMasked);
        }

        LookAgain();
    }

    private void SetLocalVector(int register, uint value)
    {
        // vector, delivery mode, polarity, trigger and mask as each entry has them; one-shot and periodic only, so bit 18 stays 0
        uint writable = register switch
        {
            ApicRegister.LvtTimer => 0x0003_00ff,
            ApicRegister.LvtLint0 or ApicRegister.LvtLint1 => 0x0001_a7ff,
            ApicRegister.LvtError => 0x0001_00ff,
            _ => 0x0001_07ff,
        };
        uint masked = (_spurious & SoftwareEnable) == 0 ? LvtMasked : 0;
        Volatile.Write(ref _lvt[register - ApicRegister.LvtTimer], (value & writable) | masked);
        if (register == ApicRegister.LvtTimer)
            _timer.SetPeriodic((value & LvtPeriodic) != 0);
    }

    private void SendCommand()
    {
        const uint Logical = 1 << 11;
        const uint Assert = 1 << 14;
        const uint Level = 1 << 15;
        DeliveryMode mode = (DeliveryMode)((_commandLow >> 8) & 7);
        byte vector = (byte)_commandLow;

        // The old "INIT level de-assert" only set arbitration numbers.
        if (mode == DeliveryMode.Init && (_commandLow & (Assert | Level)) == Level)
            return;
        if (mode is DeliveryMode.Fixed or DeliveryMode.LowestPriority && vector < 16)
        {
            Interlocked.Or(ref _errors, SentIllegalVector);
            return;
        }

        uint destination = IsX2 ? _commandHigh : _commandHigh >> 24;
        bool broadcast = destination == (IsX2 ? uint.MaxValue : 0xff);
        int shorthand = (int)((_commandLow >> 18) & 3);
        _bus?.Send(this, new InterruptMessage(mode, vector, destination, (_commandLow & Logical) != 0, broadcast, shorthand));
    }

    private void TimerElapsed()
    {
        uint entry = Volatile.Read(ref _lvt[0]);
        if ((entry & LvtMasked) == 0 && (entry & 0xff) >= 16 && IsAccepting)
            Raise((byte)entry);
    }

    private void LookAgain()
    {
        if (HasDeliverable)
            _host.InterruptRaised();
    }

    private void ResetRegisters()
    {
        _queue.Clear();
        _timer.Reset();
        Array.Fill(_lvt, LvtMasked);
        _logicalDestination = 0;
        _destinationFormat = uint.MaxValue;
        _spurious = 0xff;
        _errors = 0;
        _errorStatus = 0;
        _commandLow = 0;
        _commandHigh = 0;
    }
}
