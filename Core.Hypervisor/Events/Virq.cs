namespace Hospes.Hypervisor.Events;

/// <summary>Virtual interrupts (fact sheet "Guest ABI", section 6): what the hypervisor itself tells a guest.</summary>
internal static class Virq
{
    /// <summary>VIRQ_TIMER, one per vCPU.</summary>
    internal const int Timer = 0;

    /// <summary>VIRQ_DEBUG, one per vCPU.</summary>
    internal const int Debug = 1;

    /// <summary>VIRQ_XENOPROF, one per vCPU.</summary>
    internal const int Profile = 7;

    /// <summary>VIRQ_XENPMU, one per vCPU.</summary>
    internal const int PerformanceMonitor = 13;

    /// <summary>NR_VIRQS.</summary>
    internal const int Count = 24;

    /// <summary>True when each vCPU binds its own; the others belong to the domain and bind on vCPU 0.</summary>
    internal static bool IsPerVcpu(int virq) => virq is Timer or Debug or Profile or PerformanceMonitor;
}
