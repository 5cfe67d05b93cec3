using System.Runtime.InteropServices;
using Hospes.Host.Verbs;

namespace Hospes.Host.Machine;

/// <summary>What stands in <c>xm info</c> and the banner about how this hypervisor was made. Versions: <see cref="Hypervisor.Cpu.XenVersion"/>.</summary>
internal static class XenIdentity
{
    /// <summary>XENVER_platform_parameters of a 64-bit hypervisor: where it would lie in a guest's address space (fact sheet "xm", section 7.1).</summary>
    public const string PlatformParameters = "virt_start=0xffff800000000000";

    /// <summary>Who compiled it.</summary>
    public const string CompiledBy = "hospes";

    /// <summary>Where.</summary>
    public const string CompiledOn = "localdomain";

    /// <summary>With what.</summary>
    public static string Compiler => RuntimeInformation.FrameworkDescription;

    /// <summary>When; a deterministic build has no date, so the version stands for it.</summary>
    public static string CompiledAt => $"release {VersionVerb.Version}";
}
