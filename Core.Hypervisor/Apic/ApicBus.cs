namespace Hospes.Hypervisor.Apic;

/// <summary>Carries messages between a domain's local APICs.</summary>
internal sealed class ApicBus(LocalApic[] apics)
{
    /// <summary>Delivers a message to everybody it addresses. Called on the sender's thread.</summary>
    internal void Send(LocalApic sender, in InterruptMessage message)
    {
        foreach (LocalApic target in apics)
        {
            bool addressed = message.Shorthand switch
            {
                1 => target == sender,
                2 => true,
                3 => target != sender,
                _ => message.IsBroadcast || target.Matches(message.Destination, message.IsLogical),
            };
            if (!addressed)
                continue;
            target.Accept(message.Mode, message.Vector);

            // Any of those addressed may be the one of lowest priority; the first is.
            if (message.Mode == DeliveryMode.LowestPriority)
                return;
        }
    }
}
