using Hospes.Host.Xenstore.Watches;

namespace Hospes.Host.Xenstore.Sessions;

/// <summary>A finished reply, or an event that is put into words only when it is sent.</summary>
internal readonly record struct OutgoingMessage(byte[]? Reply, Watch? Watch, string Path);
