namespace Hospes.Hypervisor.Apic;

/// <summary>What an inter-processor message is (interrupt command register, bits 8-10).</summary>
internal enum DeliveryMode
{
    /// <summary>An interrupt with the vector given.</summary>
    Fixed = 0,

    /// <summary>The same, to one of those addressed.</summary>
    LowestPriority = 1,

    /// <summary>Not modelled: ignored.</summary>
    SystemManagement = 2,

    /// <summary>A non-maskable interrupt.</summary>
    NonMaskable = 4,

    /// <summary>Reset the processor and hold it.</summary>
    Init = 5,

    /// <summary>Start a held processor in real mode at vector * 4096.</summary>
    StartUp = 6,
}
