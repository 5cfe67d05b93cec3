using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Enforcement;

/// <summary>A domain that runs.</summary>
/// <param name="Subject">Who.</param>
/// <param name="Label">What the policy knows of its label; null: nothing, so that it may do nothing.</param>
/// <param name="Ssid">Its number; 0 likewise.</param>
internal sealed record AdmittedDomain(SecuritySubject Subject, AcmLabel? Label, int Ssid);
