using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>
/// The vCPU that makes a hypercall, as the handlers see it: its width, and its memory through its own page tables. One per vCPU, used on its thread.
/// </summary>
internal sealed unsafe class GuestCaller(Domain domain, Vcpu vcpu)
{
    /// <summary>
    /// Pieces of work (grants, calls; a frame costs several) that one hypercall may ask for; what exceeds it is answered as undone. Keeps a hostile
    /// guest from holding its vCPU thread, which cannot be taken off its pCPU inside a hypercall, for more than some milliseconds. Linux asks for at
    /// most 512 frames, and for some hundred grants or calls, at once.
    /// </summary>
    internal const int WorkLimit = 4096;

    /// <summary>Its domain.</summary>
    internal Domain Domain => domain;

    /// <summary>Itself.</summary>
    internal Vcpu Vcpu => vcpu;

    /// <summary>Its present hypercall was made in 64-bit mode.</summary>
    internal bool Is64Bit { get; set; }

    /// <summary>Pieces of work left.</summary>
    internal int Work { get; set; }

    /// <summary>Copies in from linear addresses. False: a byte of it is not mapped to memory.</summary>
    internal bool TryRead(ulong linear, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            byte* source = Find(linear, out int left, out _);
            if (source == null)
                return false;
            int count = Math.Min(left, destination.Length);
            new ReadOnlySpan<byte>(source, count).CopyTo(destination);
            destination = destination[count..];
            linear += (ulong)count;
        }

        return true;
    }

    /// <summary>Copies out to linear addresses and tells the engine. False: a byte of it is not mapped to memory; what came before is written.</summary>
    internal bool TryWrite(ulong linear, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            byte* target = Find(linear, out int left, out GuestPhysical physical);
            if (target == null)
                return false;
            int count = Math.Min(left, source.Length);
            source[..count].CopyTo(new Span<byte>(target, count));
            domain.Machine.ContentWritten(physical, (ulong)count);
            source = source[count..];
            linear += (ulong)count;
        }

        return true;
    }

    /// <summary>Reads a 32-bit number.</summary>
    internal bool TryReadU32(ulong linear, out uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool done = TryRead(linear, bytes);
        value = Wire.U32(bytes, 0);
        return done;
    }

    /// <summary>Writes a 32-bit number.</summary>
    internal bool TryWriteU32(ulong linear, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        Wire.U32(bytes, 0, value);
        return TryWrite(linear, bytes);
    }

    /// <summary>The host address behind a linear one, and how many bytes of its page follow from there. Null: no memory.</summary>
    internal byte* Find(ulong linear, out int left, out GuestPhysical physical)
    {
        if (!Is64Bit)
            linear &= uint.MaxValue;
        left = 0;
        if (!vcpu.Cpu.TryTranslate(new GuestLinear(linear), out physical))
            return null;
        byte* page = domain.Memory.FindFrame(physical.Frame);
        if (page == null)
            return null;
        left = GuestMemory.FrameSize - physical.OffsetInFrame;
        return page + physical.OffsetInFrame;
    }

    /// <summary>Takes pieces of work off the hypercall's allowance. False: used up.</summary>
    internal bool TakeWork(int pieces = 1)
    {
        if (Work < pieces)
        {
            Work = 0;
            return false;
        }

        Work -= pieces;
        return true;
    }

    /// <summary>True for a domain number by which the guest means itself.</summary>
    internal bool IsSelf(ushort number) => number == DomainId.Self.Value || number == domain.Id.Value;
}
