namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>A front-end did what its protocol forbids: its device closes, the message is for the log and the store's error node.</summary>
public sealed class DeviceProtocolException(string message) : Exception(message);
