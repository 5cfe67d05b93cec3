using Hospes.Host.DomainProcess.Control;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Domains.Processes;

/// <summary>What a domain process hands over when its domain is built.</summary>
/// <param name="Rings">Where the guest's rings are.</param>
/// <param name="Leases">The lease page; belongs to the receiver.</param>
internal sealed record BuiltDomain(ControlMessage.Built Rings, SafeFileHandle Leases);
