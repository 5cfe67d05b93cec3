namespace Hospes.Host.Api.XmlRpc;

/// <summary>A text that goes out as it is.</summary>
internal sealed record PlainText(string Text);
