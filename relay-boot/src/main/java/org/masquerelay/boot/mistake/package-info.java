/// Says in sentences what is wrong with settings that Spring Boot cannot bind.
@NullMarked
package org.masquerelay.boot.mistake;

import org.jspecify.annotations.NullMarked;
