namespace Hospes.Hypervisor.Apic;

/// <summary>A message from one local APIC to others.</summary>
/// <param name="Mode">What it is.</param>
/// <param name="Vector">Interrupt vector, or the start page.</param>
/// <param name="Destination">Physical id, or logical set.</param>
/// <param name="IsLogical">How to read the destination.</param>
/// <param name="IsBroadcast">To all, whatever the destination says.</param>
/// <param name="Shorthand">0 none, 1 self, 2 all with self, 3 all but self.</param>
internal readonly record struct InterruptMessage(
    DeliveryMode Mode, byte Vector, uint Destination, bool IsLogical, bool IsBroadcast, int Shorthand);
