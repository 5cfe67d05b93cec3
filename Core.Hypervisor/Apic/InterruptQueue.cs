using System.Numerics;

namespace Hospes.Hypervisor.Apic;

/// <summary>
/// The part of a local APIC that decides which vector comes next: request and in-service registers and the two priorities (Intel SDM volume 3,
/// "Interrupt acceptance for fixed interrupts", "Task and processor priorities").
/// </summary>
/// <remarks>Requests come from any thread by atomic OR; everything else belongs to the vCPU's thread.</remarks>
internal sealed class InterruptQueue
{
    private const int Words = 8;

    private readonly uint[] _request = new uint[Words];
    private readonly uint[] _inService = new uint[Words];

    /// <summary>TPR, 8 bits.</summary>
    internal byte TaskPriority { get; set; }

    /// <summary>PPR: the higher class of task priority and the vector in service.</summary>
    internal byte ProcessorPriority
    {
        get
        {
            int serving = Highest(_inService);
            int serviceClass = serving < 0 ? 0 : serving & 0xf0;
            return serviceClass > (TaskPriority & 0xf0) ? (byte)serviceClass : TaskPriority;
        }
    }

    /// <summary>True when <see cref="Acknowledge"/> would answer a vector.</summary>
    internal bool HasDeliverable
    {
        get
        {
            int requested = Highest(_request);
            return requested >= 0 && (requested & 0xf0) > (ProcessorPriority & 0xf0);
        }
    }

    /// <summary>Requests a vector. Any thread.</summary>
    internal void Raise(byte vector) => Interlocked.Or(ref _request[vector >> 5], 1u << (vector & 31));

    /// <summary>Moves the most urgent request that the priorities let through into service; -1: none.</summary>
    internal int Acknowledge()
    {
        int vector = Highest(_request);
        if (vector < 0 || (vector & 0xf0) <= (ProcessorPriority & 0xf0))
            return -1;
        Interlocked.And(ref _request[vector >> 5], ~(1u << (vector & 31)));
        _inService[vector >> 5] |= 1u << (vector & 31);
        return vector;
    }

    /// <summary>Ends the most urgent vector in service, if any.</summary>
    internal void EndOfInterrupt()
    {
        int vector = Highest(_inService);
        if (vector >= 0)
            _inService[vector >> 5] &= ~(1u << (vector & 31));
    }

    /// <summary>A 32-bit part of the request register.</summary>
    internal uint RequestWord(int index) => Volatile.Read(ref _request[index]);

    /// <summary>A 32-bit part of the in-service register.</summary>
    internal uint InServiceWord(int index) => _inService[index];

    /// <summary>Forgets everything, as INIT does.</summary>
    internal void Clear()
    {
        for (int word = 0; word < Words; word++)
        {
            Interlocked.Exchange(ref _request[word], 0);
            _inService[word] = 0;
        }

        TaskPriority = 0;
    }

    private static int Highest(uint[] words)
    {
        for (int word = Words - 1; word >= 0; word--)
        {
            uint bits = Volatile.Read(ref words[word]);
            if (bits != 0)
                return (word * 32) + BitOperations.Log2(bits);
        }

        return -1;
    }
}
