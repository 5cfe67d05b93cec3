namespace Hospes.Host.Api;

/// <summary>The body of every answer that is not a success.</summary>
/// <param name="Code">1 internal, 2 generic, 3 invalid domain (fact sheet "xm", section 1.2).</param>
/// <param name="Message">For the person who asked; with code 3 the name as given.</param>
internal sealed record Fault(int Code, string Message);
